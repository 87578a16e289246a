"""The document model: what each MongoDB collection holds.

Every stored date is a string `YYYY-MM-DDTHH:MM:SSZ` (UTC, whole seconds), the
form the API shows (contract/requests.md 2): it sorts as time does, needs no
conversion on the way out, and a dump is the stored document itself.

A translated field is `{locale: text}` or None; those with markup hold clean
HTML (index/shapes/markup.py). A path field (`icons`,
`picture`, a file's `url`, a preview's images) holds a path without host, which
the media or site setting completes, or an absolute URL where the source gave a
host that is not AMO's.

One add-on is one document with all its versions, so a change of an add-on is
one write, one change event, and never half visible.
"""

from typing import NotRequired, TypedDict

Translated = dict[str, str]


class FileDoc(TypedDict):
    """One downloadable file; old versions have one a platform."""

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
    upload: NotRequired[str]  # the one it came by
    stored: NotRequired[str]  # its bytes, in the store of files (server/files); else they are elsewhere


class LicenseDoc(TypedDict):
    """A built-in licence (slug set, texts in conf/licenses.py) or a custom one."""

    id: int
    slug: str | None  # built-in slug, None for a custom licence
    name: Translated | None  # custom only
    text: Translated | None  # custom only
    url: str | None  # custom only, where the source named one


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
    source_stored: NotRequired[str]  # its bytes, in the store of files
    human_reviewed: bool
    # Groups this version is approved for; None: all of the add-on's groups.
    approvals: list[PromotionDoc] | None


class PendingAuthorDoc(TypedDict):
    """Who is invited to be an author."""

    user_id: int
    role: str  # "owner" or "developer"
    listed: bool


class AuthorDoc(PendingAuthorDoc):
    """An author of an add-on."""

    position: int


class PictureDoc(TypedDict):
    """A picture that was uploaded; `icons`, `picture` or a preview's images name its path."""

    path: str  # below the media address, without `?modified=…`
    stored: str  # its bytes, in the store of files


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
    """What an add-on's ratings come to."""

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
    """What reviewers note about an add-on as such; what is not there is false or null."""

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
    pictures: NotRequired[list[PictureDoc]]  # of both, where they are kept here
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
    pictures: NotRequired[list[PictureDoc]]  # that one, where it is kept here
    fxa_id: str | None
    auth_id: str  # rotated to end every session and token
    permissions: list[str]  # "App:Action", wildcards allowed
    is_public: bool  # profile visible to strangers
    deleted: bool
    banned: bool
    read_dev_agreement: str | None  # date
    last_login: str | None
    identity_date: NotRequired[str]  # when the identity provider last said something of the account
    created: str
    modified: str
    revision: NotRequired[int]


class NotificationsDoc(TypedDict):
    """Collection `notifications`: what an account has chosen to hear of by mail, by its id."""

    _id: int
    enabled: dict[str, bool]  # vocabulary.NOTIFICATIONS; what is not there has its default


class SiteDoc(TypedDict):
    """Collection `site`: one document, `state`."""

    _id: str
    read_only: NotRequired[bool]
    notice: NotRequired[str | None]


class SessionDoc(TypedDict):
    """Collection `sessions`."""

    _id: str  # SHA-256 of the key, hexadecimal
    user_id: int
    auth_hash: str  # stale once the user's auth_id is another
    created: str
    expires: str


class CounterDoc(TypedDict):
    """Collection `counters`: the highest number given out of one kind."""

    _id: str
    value: int


class RatesDoc(TypedDict):
    """Collection `rates`: who came how often to a process in a second (server/throttling/sharing.py)."""

    _id: str  # "<process>:<n>"
    process: str
    at: float  # seconds since 1970
    hits: list[list]  # of writes: scope, number of the rate, who, when
    minute: int  # since 1970, of the reads
    reads: list[list]  # client, how many
