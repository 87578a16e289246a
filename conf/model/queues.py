"""The document model of queues (server/storage/lease_queue.py), of the
endpoints of webhooks, and of the progress of a mirror (server/mirror).

Times are seconds since 1970.
"""

from typing import Final, NotRequired, TypedDict


class WaitingDoc(TypedDict):
    """The fields of every record in a queue."""

    state: str  # "pending", "parked" or "discarded"
    due: float  # when it may be claimed next
    since: NotRequired[float]  # when it was made
    tries: NotRequired[int]  # failures in a row
    refusals: NotRequired[int]  # those of the failures that were refusals by the service
    error: NotRequired[str]  # of the last failure
    owner: NotRequired[str]  # the process that has claimed it ...
    lease_until: NotRequired[float]  # ... until then


class SyncDoc(WaitingDoc):
    """Collection `outbox`: an add-on or account that is to be sent to Basket."""

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
    body: str  # the posted JSON; "" once discarded
    reason: NotRequired[str]


class OutboundMailDoc(WaitingDoc):
    """Collection `mail_outbox`: mail that waits for the SMTP server."""

    _id: str
    to: str
    sender: str  # display name, or ""
    subject: str
    text: str
    headers: dict[str, str]
    notification: NotRequired[str]  # the kind, which its receiver may turn off (vocabulary.NOTIFICATIONS)


class WebhookSecretDoc(TypedDict):
    """A secret that messages are signed with."""

    sealed: str  # with the server's secret, see server/auth/keys/keyring.py
    until: str | None  # date; None: until it is rotated


class WebhookDoc(TypedDict):
    """Collection `webhooks`: an endpoint."""

    _id: int
    url: str
    events: list[str]  # names, `addon.*`; none: all (server/webhooks/events.py)
    secrets: list[WebhookSecretDoc]  # the newest first
    disabled: str | None  # why it is disabled; None: it is not
    created: str


class WebhookEventDoc(WaitingDoc):
    """Collection `webhook_outbox`: an event that is to be sent to an endpoint."""

    _id: str  # "<message>:<endpoint>"
    endpoint: int
    message: str  # the same for all endpoints
    type: str
    body: str  # JSON, as it is sent and signed


SOURCE: Final = "source"  # the one document of `mirror`


class SliceDoc(TypedDict):
    """A part of the search that has not been read yet."""

    params: dict[str, str]
    page: int  # the next one
    orders: int | None  # of several orders of the same rows, of which none shows all: how many follow


class MirrorDoc(TypedDict):
    """Collection `mirror`: one document, SOURCE."""

    _id: str
    url: str  # of the server, without a final slash
    round: int  # from 1; each round reads everything
    slices: list[SliceDoc]  # of this round, the next one last
    listed: bool  # the round has been through all slices, or the export
    done: bool  # the round has ended
    cursor: int  # the last id of the export that was read
    tag: str | None  # ETag of the last export that was read whole
    since: str | None  # where reading its changes continues
    unreached: list[str]  # what this round could not reach, and why


class MirroredDoc(TypedDict):
    """Collection `mirrored`: an add-on of that server, by its id."""

    _id: int
    round: int  # in which it was last seen
    listing: str  # digest of what was last seen in a list, figures left out
    ratings: str  # digest of its ratings in that list
    read_listing: str  # the same when all of it was last read
    read_ratings: str
    due: bool  # they differ
    gone: bool  # it is no longer public there
    disabled: bool  # it was disabled here because it was gone there
    files: bool  # its packages were copied, too
    fault: str | None  # why it could not be copied


class MirroredPageDoc(TypedDict):
    """Collection `mirrored_pages`: a page of the search as of its last change."""

    _id: str  # its path
    tag: str  # ETag or date
    count: int  # of the whole list
    ids: list[int]
