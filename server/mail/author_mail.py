"""Mail about who an add-on's authors are: to the authors, and to the one it is about (contract/writes.md 7).

Records of the outbox, stored with the change (letters.py). Texts are English.
"""

import secrets
from collections.abc import Iterable
from typing import Final

from conf.model.addons import AddonDoc, UserDoc
from conf.settings.settings import Settings
from index.shapes.translated_fields import default_text
from server.changes import NewRecord
from server.mail.outgoing import OUTBOX
from server.storage.lease_queue import waiting

# What happened -> what is said of it; kinds that are not here are not mailed.
_TEXTS: Final = {
    "author-invited": "{name} was invited to be an author of {addon}.",
    "author-added": "{name} is an author of {addon} now.",
    "author-changed": "The role of {name} as an author of {addon} was changed.",
    "author-removed": "{name} is no longer an author of {addon}.",
}
_SENDER: Final = "Mozilla Add-ons"


def author_letters(
    settings: Settings, kind: str, addon: AddonDoc, about: UserDoc, others: Iterable[UserDoc]
) -> list[NewRecord]:
    """None while `email_sending` is off. Who has no address, or must not use it, is left out."""
    if not settings.email_sending or kind not in _TEXTS:
        return []
    title = default_text(addon["name"], addon["default_locale"]) or addon["slug"] or addon["guid"] or ""
    text = _TEXTS[kind].format(name=about["display_name"] or about["username"], addon=title)
    people = [user for user in (about, *others) if not (user["deleted"] or user["banned"])]
    event = secrets.token_hex(8)
    return [
        NewRecord(
            OUTBOX,
            waiting(
                _id=f"author:{event}:{address}",
                to=address,
                sender=_SENDER,
                subject=" ".join(f"Mozilla Add-ons: {title}".split())[:200],
                text=text + "\n",
                headers={},
            ),
        )
        for address in dict.fromkeys(user["email"] for user in people if user["email"])
    ]
