"""Records that wait to be dealt with, as MongoDB holds them (server/storage/lease_queue.py), and the
endpoints that webhooks go to.

Times are seconds since 1970.
"""

from typing import NotRequired, TypedDict


class WaitingDoc(TypedDict):
    """What every such record has."""

    state: str  # "pending", "parked" or "discarded"
    due: float  # when it may be taken next
    since: NotRequired[float]  # when it was made
    tries: NotRequired[int]  # failures in a row
    refusals: NotRequired[int]  # those of them that were answers which say no
    error: NotRequired[str]  # of the last failure
    owner: NotRequired[str]  # the process that has it ...
    lease_until: NotRequired[float]  # ... until then


class SyncDoc(WaitingDoc):
    """Collection `outbox`: an add-on or account that Basket has yet to hear of."""

    _id: str  # "<kind>:<object id>"
    kind: str  # "addon" or "user"
    object_id: int
    version: int  # raised by every change


class ValidationDoc(WaitingDoc):
    """Collection `validations`: uploads that wait for their validation."""

    _id: str  # the upload's


class InboundMailDoc(WaitingDoc):
    """Collection `mail_inbox`: mail that was accepted, and why it was discarded."""

    _id: str
    received: str  # date
    body: str  # JSON as it was posted; "" once discarded
    reason: NotRequired[str]


class OutboundMailDoc(WaitingDoc):
    """Collection `mail_outbox`: mail that waits for the SMTP server."""

    _id: str
    to: str
    sender: str  # display name, or ""
    subject: str
    text: str
    headers: dict[str, str]
    notification: NotRequired[str]  # what its receiver may turn off (vocabulary.NOTIFICATIONS)


class WebhookSecretDoc(TypedDict):
    """A secret that messages are signed with."""

    sealed: str  # with the server's secret, see server/auth/keyring.py
    until: str | None  # date; None: until it is rotated


class WebhookDoc(TypedDict):
    """Collection `webhooks`: an endpoint."""

    _id: int
    url: str
    events: list[str]  # names, `addon.*`; none: all (server/webhooks/events.py)
    secrets: list[WebhookSecretDoc]  # the newest first
    disabled: str | None  # why nothing is sent; None: it is
    created: str


class WebhookEventDoc(WaitingDoc):
    """Collection `webhook_outbox`: an event that an endpoint has yet to hear of."""

    _id: str  # "<message>:<endpoint>"
    endpoint: int
    message: str  # the same for all endpoints
    type: str
    body: str  # JSON, as it is sent and signed
