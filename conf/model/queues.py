"""Records that wait to be dealt with, as MongoDB holds them (server/storage/lease_queue.py), the
endpoints that webhooks go to, and how far a mirror is with the server it copies from (server/mirror).

Times are seconds since 1970.
"""

from typing import Final, NotRequired, TypedDict


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

    sealed: str  # with the server's secret, see server/auth/keys/keyring.py
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


SOURCE: Final = "source"  # the one document of `mirror`


class SliceDoc(TypedDict):
    """A part of the search that is yet to be read."""

    params: dict[str, str]
    page: int  # the next one
    orders: int | None  # of several orders of the same rows, of which none shows all: how many follow


class MirrorDoc(TypedDict):
    """Collection `mirror`: one document, SOURCE."""

    _id: str
    url: str  # of the server, without a final slash
    round: int  # from 1; each looks at the whole of it
    slices: list[SliceDoc]  # of this round, the next one last
    listed: bool  # the round has been through all slices, or the export
    done: bool  # the round is at its end
    cursor: int  # the last id that the export gave
    tag: str | None  # ETag of the last export that was read whole
    since: str | None  # where its changes go on
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
    gone: bool  # it is not public there any more
    disabled: bool  # for that reason it was disabled here
    files: bool  # its packages were taken as well
    fault: str | None  # why it could not be taken


class MirroredPageDoc(TypedDict):
    """Collection `mirrored_pages`: a page of the search, and what it was when it last changed."""

    _id: str  # its path
    tag: str  # ETag or date
    count: int  # of the whole list
    ids: list[int]
