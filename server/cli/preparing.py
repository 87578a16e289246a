"""Prepares a fast start of the server, after a command that has changed the catalogue."""

import sys

from server.cli.opening import CommandContext
from server.cli.reporting import ProgressReporter
from server.errors import StoreError
from server.following.snapshot import renew_snapshot


async def prepare(context: CommandContext) -> None:
    """Renew the snapshot if no server runs, because a server follows the change itself."""
    if not context.is_owner:
        return
    try:
        total = await context.store.size("addons")
        with ProgressReporter("preparing the next start", total, "add-ons") as reporter:
            await renew_snapshot(context.store, context.settings, reporter.progress)
    except StoreError as error:
        print(f"amoeba: the next start will take longer: {error}", file=sys.stderr)
