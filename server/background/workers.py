"""What a process does in the background: Basket and webhooks are told, inbound mail becomes notes, outgoing
mail leaves, stored files and abuse reports go when their time has come.
"""

from collections.abc import Callable, Mapping
from typing import Any

from conf.settings.settings import Settings
from server.background.worker import Worker
from server.basket.sender import Sender
from server.changes import Changes
from server.files.cleaner import FileCleaner
from server.files.files import Files
from server.mail.inbox import Receiver
from server.mail.mailer import Mailer
from server.reports import ReportCleaner
from server.services.blocks import BlockKeeper
from server.services.review.delayed_approval import DelayedApprover
from server.storage.store import Store
from server.webhooks.sender import Keys, WebhookSender


def make_workers(
    settings: Settings,
    store: Store,
    files: Files,
    changes: Changes,
    blocks: Callable[[], Mapping[str, Any]],
    is_read_only: Callable[[], bool],
    site_url: str,
    keys: Keys,
) -> list[Worker]:
    """All but the validator of packages, which requests wake; not started yet.

    `blocks` gives them by guid; `site_url` and `keys` are for links in mail (server/mail/unsubscribing.py).
    """
    return [
        Sender(settings, store, is_read_only),
        WebhookSender(settings, store, keys, is_read_only),
        Receiver(settings, store, changes, is_read_only),
        Mailer(settings, store, is_read_only, site_url, lambda address: keys().address_hash(address)),
        FileCleaner(files, is_read_only),
        BlockKeeper(store, changes, blocks, is_read_only),
        DelayedApprover(store, changes, is_read_only, auto_approve=settings.auto_approve),
        ReportCleaner(store, settings.report_days, is_read_only),
    ]
