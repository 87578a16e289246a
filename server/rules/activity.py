"""What may be posted about reviews (contract/activity.md 1.7, 2). Pure; any thread."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from conf.limits import MAX_NOTE, MAX_POLICIES, MAX_POLICY
from conf.model.activity import MAX_ATTACHMENT_BYTES
from server.rules.faults import field
from server.rules.fields import FieldReader, choice, items, read, string, wrong


class Judgement(NamedTuple):
    decision: str
    comments: str
    policies: list[str]


_REPLY: Final = {"comments": string(MAX_NOTE)}


def read_reply(sent: Mapping[str, Any]) -> str:
    """The comments. Raises Invalid."""
    comments: str = read(_REPLY, sent, required=("comments",))["comments"]
    return comments


def read_judgement(sent: Mapping[str, Any], decisions: Collection[str]) -> Judgement:
    """A reviewer's decision, with what is said about it. Raises Invalid."""
    values = read(judgement_fields(decisions), sent, required=("decision",))
    return Judgement(values["decision"], values.get("comments", ""), values.get("policies", []))


def judgement_fields(decisions: Collection[str]) -> dict[str, FieldReader]:
    return {
        "decision": choice(decisions),
        "comments": string(MAX_NOTE, blank=True),
        "policies": items(string(MAX_POLICY), MAX_POLICIES),
    }


def check_request(sent: Mapping[str, Any]) -> None:
    """`has_requested_review` must be true itself: no text and no number stands for it
    (contract/activity.md 2 leaves both open; what browsers would send by mistake is refused).
    Raises Invalid.
    """
    read({"has_requested_review": _true}, sent, required=("has_requested_review",))


def _true(value: Any) -> bool:
    if value is None:
        raise wrong("null")
    if not isinstance(value, bool):
        raise wrong("not_a_boolean")
    if not value:
        raise wrong("not_a_choice", value="false")
    return value


def check_attachment(size: int) -> None:
    """Raises Invalid for a file that is too large to be kept with a note."""
    if size > MAX_ATTACHMENT_BYTES:
        raise field("attachment", "body_too_large", limit=MAX_ATTACHMENT_BYTES)
