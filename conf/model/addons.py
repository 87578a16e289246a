"""The document model: the documents of each MongoDB collection.

Every stored date is a string `YYYY-MM-DDTHH:MM:SSZ` (UTC, whole seconds), the
form of the API (contract/requests.md 2): such dates sort by time and need no
conversion in answers, and a dump has the documents as they are stored.

A translated field is `{locale: text}` or None; those with markup hold clean
HTML (index/shapes/markup.py). A path field (`icons`,
`picture`, a file's `url`, a preview's images) holds a path without host, which
is completed by the media or site setting, or an absolute URL if the source has a
host other than AMO's.

An add-on is one document with all its versions, so that a change of an add-on is
one write and one change event, and is never half visible.
"""

from typing import NotRequired, TypedDict

Translated = dict[str, str]


class FileDoc(TypedDict):
    """A downloadable file; old versions have one for each platform."""

    id: int
    created: str
    hash: str  # "sha256:<hex>"
    size: int  # bytes
    status: str  # vocabulary.FILE_STATUSES: "unreviewed", "public", "disabled"
    url: str  # path below the site, "/firefox/downloads/file/<id>/<name>.xpi"
    platform: str  # vocabulary.PLATFORMS, "all" for nearly every file
    is_mozilla_signed_extension: bool
    is_webextension: bool
    is_restart_required: bool
    permissions: list[str]
    optional_permissions: list[str]
    host_permissions: list[str]
    data_collection_permissions: list[str]
    optional_data_collection_permissions: list[str]
    upload: NotRequired[str]  # the upload that it came from
    stored: NotRequired[str]  # id of its bytes in the store of files; missing if they are elsewhere


class LicenseDoc(TypedDict):
    """A built-in licence (slug set, texts in conf/licenses.py) or a custom one."""

    id: int
    slug: str | None  # built-in slug, None for a custom licence
    name: Translated | None  # custom only
    text: Translated | None  # custom only
    url: str | None  # custom only, if the source has one


class PromotionDoc(TypedDict):
    """Membership in a promoted group, with the applications it covers."""

    group: str  # vocabulary.PROMOTED_GROUPS, "recommended"
    apps: list[str]


class VersionDoc(TypedDict):
    """A version, inside its add-on."""

    id: int
    version: str
    channel: str  # "listed" or "unlisted"
    created: str
    modified: str
    reviewed: str | None
    deleted: bool
    is_disabled: bool  # disabled by its developer
    files: list[FileDoc]  # at least one
    compatibility: dict[str, dict[str, str]]  # app -> {"min", "max"}
    is_strict_compatibility_enabled: bool
    license: LicenseDoc | None
    release_notes: Translated | None
    approval_notes: str
    source: str | None
    source_stored: NotRequired[str]  # id of its bytes in the store of files
    human_reviewed: bool
    # Groups this version is approved for; None: all of the add-on's groups.
    approvals: list[PromotionDoc] | None


class PendingAuthorDoc(TypedDict):
    """A user who is invited to become an author."""

    user_id: int
    role: str  # "owner" or "developer"
    listed: bool


class AuthorDoc(PendingAuthorDoc):
    """An author of an add-on."""

    position: int


class PictureDoc(TypedDict):
    """A picture that was uploaded; `icons`, `picture` or a preview's images name its path."""

    path: str  # below the media address, without `?modified=…`
    stored: str  # id of its bytes in the store of files


class PreviewDoc(TypedDict):
    """A picture of an add-on; sizes are [width, height] in pixels."""

    id: int
    caption: Translated | None
    image_url: str
    image_size: list[int]  # [width, height] or []
    thumbnail_url: str
    thumbnail_size: list[int]
    position: int


class ColorDoc(TypedDict):
    """A dominant colour of a static theme's first preview; h, s, l are 0..255."""

    h: int
    s: int
    l: int  # noqa: E741 - the field's own name
    ratio: float  # share of the image, 0..1


class RatingsDoc(TypedDict):
    """The summary of an add-on's ratings."""

    average: float
    bayesian_average: float
    count: int
    text_count: int
    grouped_counts: dict[str, int]  # "1".."5"


class ContentReviewDoc(TypedDict):
    """Listing content review (contract/activity.md 2)."""

    state: int  # 0 unreviewed, 1 changed, 2 pass, 3 fail, 4 new review requested
    policies: list[str]
    comments: str | None
    reviewed: str | None


class ReviewerFlagsDoc(TypedDict, total=False):
    """Flags that reviewers set for an add-on; missing ones are false or null."""

    auto_approval_disabled: bool
    auto_approval_disabled_unlisted: bool
    auto_approval_disabled_until_next_approval: bool
    auto_approval_disabled_until_next_approval_unlisted: bool
    auto_approval_delayed_until: str | None  # date
    auto_approval_delayed_until_unlisted: str | None
    needs_admin_code_review: bool
    needs_admin_content_review: bool
    needs_admin_theme_review: bool
    pending_info_request: str | None


class AddonDoc(TypedDict):
    """Collection `addons`. Unique: _id, guid, slug (where set)."""

    _id: int
    guid: str | None
    slug: str | None  # None once deleted
    type: str  # vocabulary.TYPES
    status: str  # vocabulary.ADDON_STATUSES
    disabled_by_user: bool
    default_locale: str
    name: Translated | None
    summary: Translated | None
    description: Translated | None
    developer_comments: Translated | None
    homepage: Translated | None
    support_email: Translated | None
    support_url: Translated | None
    eula: Translated | None
    privacy_policy: Translated | None
    contributions_url: str  # "" when unset; without the utm_ parameters
    authors: list[AuthorDoc]
    pending_authors: list[PendingAuthorDoc]
    categories: dict[str, list[str]]  # app -> slugs
    tags: list[str]
    icons: dict[str, str]  # "32", "64", "128" -> path; {} for the default icon
    previews: list[PreviewDoc]
    pictures: NotRequired[list[PictureDoc]]  # uploaded icons and previews
    colors: list[ColorDoc]
    promoted: list[PromotionDoc]
    ratings: RatingsDoc
    average_daily_users: int
    weekly_downloads: int
    hotness: float
    is_experimental: bool
    is_noindexed: bool
    requires_payment: bool
    target_locale: str | None
    locale_disambiguation: str | None
    persona: dict | None  # theme_data of the v3 era (contract/addons.md 5.5)
    region_exclusions: list[str]  # ISO country codes, upper case
    content_review: ContentReviewDoc
    reviewer_flags: NotRequired[ReviewerFlagsDoc]
    created: str
    last_updated: str | None
    modified: str
    versions: list[VersionDoc]  # newest first
    revision: NotRequired[int]  # raised by every write; optimistic concurrency


class UserDoc(TypedDict):
    """Collection `users`. Unique: _id, username."""

    _id: int
    username: str
    display_name: str | None
    reviewer_name: str | None
    email: str | None
    homepage: str | None
    location: str | None
    occupation: str | None
    biography: Translated | None
    picture: str | None  # path or URL
    pictures: NotRequired[list[PictureDoc]]  # the uploaded one
    fxa_id: str | None
    auth_id: str  # changed to end every session and token
    permissions: list[str]  # "App:Action", wildcards allowed
    is_public: bool  # whether everybody may see the profile
    deleted: bool
    banned: bool
    read_dev_agreement: str | None  # date
    last_login: str | None
    identity_date: NotRequired[str]  # of the last message of the identity provider about the account
    created: str
    modified: str
    revision: NotRequired[int]


class NotificationsDoc(TypedDict):
    """Collection `notifications`: the mail that an account wants, by its id."""

    _id: int
    enabled: dict[str, bool]  # vocabulary.NOTIFICATIONS; missing ones have their defaults


class SiteDoc(TypedDict):
    """Collection `site`: one document, `state`."""

    _id: str
    read_only: NotRequired[bool]
    notice: NotRequired[str | None]


class SessionDoc(TypedDict):
    """Collection `sessions`."""

    _id: str  # SHA-256 of the key, hexadecimal
    user_id: int
    auth_hash: str  # not valid any more once the user's auth_id has changed
    created: str
    expires: str


class CounterDoc(TypedDict):
    """Collection `counters`: the highest number in use for one kind of object."""

    _id: str
    value: int


class RatesDoc(TypedDict):
    """Collection `rates`: how often clients called a process in one second (server/throttling/sharing.py)."""

    _id: str  # "<process>:<n>"
    process: str
    at: float  # seconds since 1970
    hits: list[list]  # of writes: scope, number of the rate, client, time
    minute: int  # since 1970, of the reads
    reads: list[list]  # client, count
