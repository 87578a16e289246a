"""Schemas of all other objects in answers of one API version, and of errors."""

from conf.gates import enabled
from conf.limits import MAX_SCORE, MIN_SCORE
from conf.locales import SUPPORTED
from conf.model.reports import COMMON_FIELDS, TARGET_FIELDS
from conf.vocabulary import APPS, CHANNELS, NOTIFICATIONS, ROLES, TYPES
from handlers.api_description import addon_objects, reviewers
from handlers.api_description.addon_objects import ADDRESS, TEXT, link, outgoing, properties
from handlers.api_description.schemas import (
    INTEGER,
    STRING,
    Schema,
    array,
    choice,
    keys,
    mapping,
    nullable,
    record,
    ref,
)
from server.shapes.accounts import OMITTED_KEYS
from server.shapes.home_page import ADDON_KEYS
from server.shapes.ratings import FLAGS, SCORE_KEYS


def objects(version: str) -> dict[str, Schema]:
    """All schemas by name, including those that the version does not use."""
    return {
        **_errors(),
        **addon_objects.objects(version),
        **_accounts(version),
        **_collections(version),
        **_ratings(version),
        **reviewers.objects(version),
        **_home_page(version),
        **_curated(),
        **_listed(version),
        **_uploads(),
        **_reports(),
    }


def _errors() -> dict[str, Schema]:
    fault: Schema = {"anyOf": [STRING, array({"anyOf": [STRING, ref("Faults")]}), ref("Faults")]}
    return {
        "Error": record("detail, code", optional=("code",)),
        "ReadOnlyError": {"anyOf": [record("error"), ref("Error")]},
        "Faults": {**mapping(fault), "description": "What is wrong by field, in the caller's language."},
        "BadRequest": {"anyOf": [array(STRING), ref("Faults")]},
    }


def _accounts(version: str) -> dict[str, Schema]:
    public = keys(
        "id: integer, name, url, username, average_addon_rating: number?, biography: string?, created: date,"
        "has_anonymous_display_name: boolean, has_anonymous_username: boolean, homepage: string?,"
        "is_addon_developer: boolean, is_artist: boolean, location: string?, num_addons_listed: integer,"
        "occupation: string?, picture_type: string?, picture_url: string?"
    )
    private = keys(
        "deleted: boolean, display_name: string?, email: string?, fxa_edit_email_url: string?,"
        "is_verified: boolean, last_login: date?, last_login_ip: string?, permissions: [string],"
        "read_dev_agreement: boolean, site_status: SiteStatus, reviewer_name: string?"
    )
    private = {key: value for key, value in private.items() if key not in OMITTED_KEYS[version]}
    return {
        **_settings(),
        "Account": record({**public, **private}, optional=tuple(private)),
        "OwnAccount": record({**public, **private}, optional=("reviewer_name",)),
    }


def _settings() -> dict[str, Schema]:
    return {
        "SiteStatus": record("read_only: boolean, notice: string?"),
        "Notification": record("name, enabled: boolean, mandatory: boolean", name=choice(NOTIFICATIONS)),
        "Person": record(
            "user_id: integer, name: string?, email: string?, role, listed: boolean, position: integer",
            optional=("position",),  # an invitation has none
            role=choice(ROLES),
        ),
    }


def _collections(version: str) -> dict[str, Schema]:
    downloads = ", downloads: integer" if enabled(version, "collection_downloads") else ""
    return {
        "CollectionItem": record(f"addon: Addon, notes: Text{downloads}"),
        "Collection": record(
            "id: integer, addon_count: integer, author: User, default_locale, description: Text,"
            "modified: date, name: Text, public: boolean, slug, url, uuid, addons: [CollectionItem]",
            optional=("addons",),
            default_locale=choice(SUPPORTED),
        ),
    }


def _ratings(version: str) -> dict[str, Schema]:
    flag = choice(FLAGS[version].values())
    base = keys(
        "id: integer, addon, body: string?, created: date, is_deleted: boolean, is_developer_reply: boolean,"
        "is_latest: boolean, previous_count: integer, user: User, flags",
        addon=record("id: integer, slug: string?, name: Text, icon_url"),
        flags=array(record("flag, note: string?", flag=flag)),
    )
    if version == "v3":
        base["title"] = nullable(STRING)
    # Keys that replies lack are optional, because `ratings/rating/{id}/` may be a rating or a reply.
    own = {
        "reply": nullable(ref("RatingReply")),
        SCORE_KEYS[version]: {**nullable(INTEGER), "minimum": MIN_SCORE, "maximum": MAX_SCORE},
        "version": record("id: integer?, version: string?"),
    }
    return {
        "RatingReply": record(base, optional=("flags",)),
        "Rating": record({**base, **own}, optional=("flags", *own)),
        "RatingFlag": record("flag, note: string?, rating: integer, user: User", flag=flag),
    }


def _home_page(version: str) -> dict[str, Schema]:
    addon_properties = properties(version, compact=True)
    addon = record({key: addon_properties[key] for key in ADDON_KEYS}, optional=("promoted", "theme_data"))
    # A link that may lead to another site.
    call = record({**outgoing(version).get("properties", {"url": ADDRESS}), "text": TEXT})
    return {
        "Call": call,
        "PrimaryHero": record(
            "external, addon, description, featured_image: string?, gradient",
            optional=("external", "addon"),
            external=record(
                "id: integer?, guid: string?, homepage, name: Text, type",
                homepage=link(version),
                type=choice(TYPES),
            ),
            addon=addon,
            description={"anyOf": [TEXT, STRING]},  # with `raw` as it was written
            gradient=nullable(record("start, end")),
        ),
        "SecondaryHero": record(
            "headline: Text, description: Text, cta: Call?, modules",
            modules=array(record("icon, description: Text, cta: Call?")),
        ),
        "Shelf": record(
            "title: Text, url, endpoint, addon_type, footer, addons",
            endpoint=choice(("search", "collections", "random-tag")),
            footer=call,
            addons=array({"anyOf": [ref("SearchResult"), ref("Addon")]}),
        ),
    }


def _curated() -> dict[str, Schema]:
    application = record("name, min_version, max_version, guid, id: integer")
    span = record("addon_min_version, addon_max_version, applications", applications=array(application))
    return {
        "Category": record(
            "id: integer, name, slug, application, misc: boolean, type, weight: integer,description: string?",
            application=choice(APPS),
            type=choice(TYPES),
        ),
        "Replacement": record("guid, replacement: [string]"),
        "Override": record(
            "addon_id: integer?, addon_guid, name, version_ranges", version_ranges=array(span)
        ),
        "BrowserMapping": record("extension_id, addon_guid"),
        "ApplicationVersions": record("guid, versions: [string]"),
    }


def _listed(version: str) -> dict[str, Schema]:
    limits = "min_version, max_version," if enabled(version, "block_limits") else ""
    html = ", heading, description" if version == "v3" else ""
    return {
        "Block": record(
            f"id: integer, created: date, modified: date, addon_name: Text, guid, {limits}"
            "reason: string?, url, versions: [string], is_all_versions: boolean, blocked: [string],"
            "soft_blocked: [string]",
            url=nullable(outgoing(version)),
        ),
        "DiscoveryItem": record(
            f"addon: SearchResult, description_text, heading_text, is_recommendation: boolean{html}"
        ),
    }


def _uploads() -> dict[str, Schema]:
    return {
        "Validation": _validation(),
        "Upload": record(
            "uuid, channel, processed: boolean, submitted: boolean, url, valid: boolean, "
            "validation: Validation?, version: string?",
            channel=choice(CHANNELS),
        ),
        "Signing": record(
            "guid, active: boolean, automated_signing: boolean, url, files, passed_review: boolean, pk,"
            "processed: boolean, reviewed: boolean, valid: boolean, validation_results: Validation?,"
            "validation_url, version",
            files=array(record("download_url, hash, signed: boolean")),
        ),
    }


def _validation() -> Schema:
    message = record(
        "id: [string], type, message, description, file: string?, line: integer?, column: integer?,"
        "tier: integer, uid",
        optional=("line", "column"),
        type=choice(("error", "warning", "notice")),
        description={"anyOf": [STRING, array(STRING)]},
    )
    return record(
        "errors: integer, warnings: integer, notices: integer, success: boolean, compatibility_summary,"
        "metadata: object, messages, message_tree: object, ending_tier: integer",
        compatibility_summary=mapping(INTEGER),
        messages=array(message),
    )


def _reports() -> dict[str, Schema]:
    targets = {
        "addon": record("guid: string?, id: integer?, slug: string?"),
        "user": ref("User"),
        "rating": record("id: integer"),
        "collection": record("id: integer"),
    }
    return {
        f"{target.title()}Report": record(
            {
                "reporter": nullable(ref("User")),
                target: schema,
                **dict.fromkeys((*COMMON_FIELDS, *TARGET_FIELDS[target]), nullable(STRING)),
            }
        )
        for target, schema in targets.items()
    }
