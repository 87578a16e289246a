"""Mail to reviewers who want to hear of an add-on's new versions (contract/reviewers.md 5). English; pure."""

import secrets
from collections.abc import Iterable
from typing import Final

from conf.model.addons import AddonDoc, UserDoc
from index.shapes.translated_fields import default_text
from server.changes import NewRecord
from server.mail.outgoing import OUTBOX
from server.storage.lease_queue import waiting

_TEXT: Final = """\
A {channel} version of {name} was submitted: {version}

--
You asked for this mail. To get no more of them, unsubscribe in the reviewer tools.
"""


def submission_mail(
    addon: AddonDoc, version: str, channel: str, people: Iterable[UserDoc]
) -> list[NewRecord]:
    """Records of the outbox; who has no address, or must not use it, is left out."""
    name = default_text(addon["name"], addon["default_locale"]) or addon["slug"] or addon["guid"] or ""
    name = " ".join(name.split())
    addresses = [user["email"] for user in people if not (user["deleted"] or user["banned"])]
    event = secrets.token_hex(8)
    return [
        NewRecord(
            OUTBOX,
            waiting(
                _id=f"submission:{event}:{address}",
                to=address,
                sender="Mozilla Add-ons",
                subject=f"Mozilla Add-ons: {name[:150]} Updated",
                text=_TEXT.format(channel=channel, name=name, version=version),
                headers={},
            ),
        )
        for address in dict.fromkeys(addresses)
        if address
    ]
