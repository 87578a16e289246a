"""Webhooks as MongoDB holds them: who is told of events, and what they are yet to be told."""

from typing import TypedDict

from conf.model.queues import WaitingDoc


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
