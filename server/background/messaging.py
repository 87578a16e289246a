"""The background workers that exchange messages: with Basket, webhooks and mail servers."""

from collections.abc import Callable

from conf.settings.settings import Settings
from server.auth.keys.keystores import Keys
from server.background.worker import Worker
from server.basket.sender import Sender
from server.changes import Changes
from server.mail.inbox import Receiver
from server.mail.mailer import Mailer
from server.storage.store import Store
from server.webhooks.requests import WebhookClient
from server.webhooks.sender import WebhookSender


def make_messaging_workers(
    settings: Settings,
    store: Store,
    changes: Changes,
    is_read_only: Callable[[], bool],
    site_url: str,
    keys: Keys,
) -> list[Worker]:
    """The workers, not started yet. `site_url` and `keys` are for the links in mail."""
    return [
        Sender(settings, store, is_read_only),
        WebhookSender(settings, store, WebhookClient(settings, keys), is_read_only),
        Receiver(settings, store, changes, is_read_only),
        Mailer(settings, store, is_read_only, site_url, lambda address: keys.ring.address_hash(address)),
    ]
