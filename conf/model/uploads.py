"""The document model of uploaded packages and their validation."""

from typing import Any, NotRequired, TypedDict


class SigningDoc(TypedDict):
    """A version that the server makes by itself once the upload is valid (contract/uploads.md 7)."""

    guid: str  # of its add-on, spelled as its first sender did
    folded: str  # the same, case folded
    version: str


class RollbackDoc(TypedDict):
    """A rollback to an earlier version (contract/packages.md 6)."""

    addon_id: int
    version_id: int  # of the earlier one
    version: str  # its number
    release_notes: dict[str, Any] | None  # as in a version
    failed: NotRequired[bool]


class UploadDoc(TypedDict):
    """Collection `uploads`: kept for ever once a version is made of it, else for a month."""

    _id: str  # 32 hex digits
    user_id: int
    channel: str  # "listed" or "unlisted"
    name: str  # of the file, as sent
    stored: str  # id of its bytes in the store of files
    size: int  # bytes
    address: str  # the sender's IP address
    created: str
    validation: dict[str, Any] | None  # the result for callers; None until there is one
    # The description from its manifest (server/packages/manifest/manifest.py), if it is valid.
    package: dict[str, Any] | None
    submitted: bool  # whether a version was made of it
    version: NotRequired[str | None]  # the number, from its manifest
    leaked_keys: NotRequired[list[str]]  # the user's API keys whose secrets it contains
    signing: NotRequired[SigningDoc]  # of a signing request
    rollback: NotRequired[RollbackDoc]
