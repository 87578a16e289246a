"""Packages as they were uploaded, and those that wait for their validation."""

from typing import Any, NotRequired, TypedDict


class SigningDoc(TypedDict):
    """A version that the server makes by itself once the upload is valid (contract/uploads.md 7)."""

    guid: str  # of its add-on, spelled as its first sender did
    folded: str  # the same, whatever its case
    version: str


class RollbackDoc(TypedDict):
    """An earlier version that is to be the newest once more (contract/packages.md 6)."""

    addon_id: int
    version_id: int  # of the earlier one
    version: str  # its number
    release_notes: dict[str, Any] | None  # as a version takes them
    failed: NotRequired[bool]


class UploadDoc(TypedDict):
    """Collection `uploads`: kept for good once a version is made of it, else for a month."""

    _id: str  # 32 hex digits
    user_id: int
    channel: str  # "listed" or "unlisted"
    name: str  # of the file, as its sender calls it
    stored: str  # its bytes, in the store of files
    size: int  # bytes
    address: str  # of the network, its sender's
    created: str
    validation: dict[str, Any] | None  # the result as callers read it; None until there is one
    # What it says of itself (server/packages/manifest/manifest.py), if it is valid.
    package: dict[str, Any] | None
    submitted: bool  # whether a version was made of it
    version: NotRequired[str | None]  # the number, from its manifest
    leaked_keys: NotRequired[list[str]]  # API keys of the user's whose secret is in it
    signing: NotRequired[SigningDoc]  # of a signing request
    rollback: NotRequired[RollbackDoc]
