"""What reviewers and developers of the demonstration catalogue wrote about its first versions."""

import base64
from collections.abc import Iterator, Sequence
from typing import Any, Final

from server.demo import clock, english, people, wording
from server.demo.dice import Dice

FIRST_NOTE: Final = 30_000_000  # above AMO's ids of notes
_EACH: Final = 10
_REVIEWED: Final = 60  # add-ons
_DICE_KIND: Final = 3
_REVIEWER: Final = 0  # the first person; of no permissions
_LOG: Final = b"linter: 0 errors, 2 warnings\n"

Document = dict[str, Any]


def notes(addons: Sequence[Document]) -> Iterator[Document]:
    """NoteDocs about the newest version of each of the first add-ons, by id."""
    dice = Dice()
    for number, addon in enumerate(addons[:_REVIEWED]):
        if addon["versions"]:
            dice.set(number, _DICE_KIND)
            yield from _thread(addon, dice)


def attachments(addons: Sequence[Document]) -> Iterator[Document]:
    """AttachmentDocs of those notes that have a file."""
    content = base64.b64encode(_LOG).decode()
    for note in notes(addons):
        if note["attachment"]:
            yield {"_id": note["_id"], "name": "log.txt", "type": "text/plain", "content": content}


def _thread(addon: Document, dice: Dice) -> Iterator[Document]:
    """Some or none of the conversation, then the decision, if there was one."""
    version = addon["versions"][0]
    said = [line for line in english.CONVERSATION if dice.chance(0.5)]
    file = version["files"][0]
    if file["status"] == "public":
        said.append(("approved", english.APPROVED if dice.chance(0.3) else ""))
    elif file["status"] == "disabled" or addon["status"] == "rejected":
        said.append(("rejected", english.REJECTED))
    day = clock.start_of(2025) + 200 * dice.roll()
    for place, (action, text) in enumerate(said):
        decided = action in ("approved", "rejected")
        by_author = action not in ("more-information-requested", "reviewer-reply") and not decided
        yield {
            "_id": FIRST_NOTE + addon["_id"] % 1_000_000 * _EACH + place,
            "addon_id": addon["_id"],
            "version_id": version["id"],
            "user_id": addon["authors"][0]["user_id"] if by_author else people.user_id(_REVIEWER),
            "date": clock.moment(day + place),
            "action": action,
            "comments": text.format(n=dice.pick(wording.NOUNS), m=dice.pick(wording.NOUNS)),
            "policies": list(english.POLICY_NAMES) if action == "rejected" else [],
            "attachment": {"name": "log.txt", "size": len(_LOG)} if decided and dice.chance(0.2) else None,
        }
