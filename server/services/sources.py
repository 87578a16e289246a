"""The archive of sources that a version was made of: checked, stored, named (contract/uploads.md 5.3).

    values = await stored_source(site, values)       # before the change that refers to it

Event loop only.
"""

from typing import Any, Final

import orjson

from server.child_process import ChildFailed, run_child
from server.files.sent import SentFile
from server.rules.faults import field
from server.site import Site

_SECONDS: Final = 30.0


async def stored_source(site: Site, values: dict[str, Any]) -> dict[str, Any]:
    """The values, with a file that was sent as `source` in the store. Raises Invalid, Unavailable."""
    sent = values.get("source")
    if not isinstance(sent, SentFile):
        return values
    sent.content.flush()
    task = {"descriptor": sent.content.fileno(), "name": sent.name}
    try:
        await run_child(
            "server.packages.source_archive", orjson.dumps(task), seconds=_SECONDS, file=sent.content
        )
    except (ChildFailed, TimeoutError):
        raise field("source", "source_broken") from None
    stored = await site.files.put(sent.content)
    return {**values, "source": sent.name, "source_stored": stored.id}
