"""Everything in answers but add-ons and versions, as one API version has it, and what errors look like."""

from typing import Any, Final

from conf.gates import enabled
from conf.limits import MAX_SCORE, MIN_SCORE
from conf.locales import SUPPORTED
from conf.model.reports import COMMON_FIELDS, TARGET_FIELDS
from conf.vocabulary import APPS, CHANNELS, NOTIFICATIONS, ROLES, TYPES
from handlers.api_description import addon_objects, reviewers
from handlers.api_description.addon_objects import ADDRESS, TEXT, link, outgoing, properties
from handlers.api_description.schemas import (
    BOOLEAN,
    DATE_TIME,
    INTEGER,
    NUMBER,
    STRING,
    Schema,
    array,
    choice,
    mapping,
    nullable,
    record,
    ref,
)
from server.shapes.accounts import LEFT_OUT
from server.shapes.home_page import ADDON_KEYS
from server.shapes.ratings import FLAGS, SCORE_KEYS

_OBJECT: Final[Schema] = {"type": "object"}


def objects(version: str) -> dict[str, Schema]:
    """All there are by their names; those that a version has no use for are among them."""
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
        "Error": record({"detail": STRING, "code": STRING}, optional=("code",)),
        "ReadOnlyError": {"anyOf": [record({"error": STRING}), ref("Error")]},
        "Faults": {**mapping(fault), "description": "What is wrong by field, in the caller's language."},
        "BadRequest": {"anyOf": [array(STRING), ref("Faults")]},
    }


def _accounts(version: str) -> dict[str, Schema]:
    public = {
        "id": INTEGER,
        "name": STRING,
        "url": ADDRESS,
        "username": STRING,
        "average_addon_rating": nullable(NUMBER),
        "biography": nullable(STRING),
        "created": DATE_TIME,
        "has_anonymous_display_name": BOOLEAN,
        "has_anonymous_username": BOOLEAN,
        "homepage": nullable(ADDRESS),
        "is_addon_developer": BOOLEAN,
        "is_artist": BOOLEAN,
        "location": nullable(STRING),
        "num_addons_listed": INTEGER,
        "occupation": nullable(STRING),
        "picture_type": nullable(STRING),
        "picture_url": nullable(ADDRESS),
    }
    private = {
        "deleted": BOOLEAN,
        "display_name": nullable(STRING),
        "email": nullable(STRING),
        "fxa_edit_email_url": nullable(ADDRESS),
        "is_verified": BOOLEAN,
        "last_login": nullable(DATE_TIME),
        "last_login_ip": nullable(STRING),
        "permissions": array(STRING),
        "read_dev_agreement": BOOLEAN,
        "site_status": ref("SiteStatus"),
        "reviewer_name": nullable(STRING),
    }
    private = {key: value for key, value in private.items() if key not in LEFT_OUT[version]}
    return {
        **_settings(),
        "Account": record({**public, **private}, optional=tuple(private)),
        "OwnAccount": record({**public, **private}, optional=("reviewer_name",)),
    }


def _settings() -> dict[str, Schema]:
    return {
        "SiteStatus": record({"read_only": BOOLEAN, "notice": nullable(STRING)}),
        "Notification": record({"name": choice(NOTIFICATIONS), "enabled": BOOLEAN, "mandatory": BOOLEAN}),
        "Person": record(
            {
                "user_id": INTEGER,
                "name": nullable(STRING),
                "email": nullable(STRING),
                "role": choice(ROLES),
                "listed": BOOLEAN,
                "position": INTEGER,
            },
            optional=("position",),  # an invitation has none
        ),
    }


def _collections(version: str) -> dict[str, Schema]:
    item = {"addon": ref("Addon"), "notes": TEXT}
    if enabled(version, "collection_downloads"):
        item["downloads"] = INTEGER
    return {
        "CollectionItem": record(item),
        "Collection": record(
            {
                "id": INTEGER,
                "addon_count": INTEGER,
                "author": ref("User"),
                "default_locale": choice(SUPPORTED),
                "description": TEXT,
                "modified": DATE_TIME,
                "name": TEXT,
                "public": BOOLEAN,
                "slug": STRING,
                "url": ADDRESS,
                "uuid": STRING,
                "addons": array(ref("CollectionItem")),
            },
            optional=("addons",),
        ),
    }


def _ratings(version: str) -> dict[str, Schema]:
    flag = choice(FLAGS[version].values())
    about = {"id": INTEGER, "slug": nullable(STRING), "name": TEXT, "icon_url": ADDRESS}
    base: dict[str, Schema] = {
        "id": INTEGER,
        "addon": record(about),
        "body": nullable(STRING),
        "created": DATE_TIME,
        "is_deleted": BOOLEAN,
        "is_developer_reply": BOOLEAN,
        "is_latest": BOOLEAN,
        "previous_count": INTEGER,
        "user": ref("User"),
        "flags": array(record({"flag": flag, "note": nullable(STRING)})),
    }
    if version == "v3":
        base["title"] = nullable(STRING)
    # A rating has what its reply has not: `ratings/rating/{id}/` may be either.
    own = {
        "reply": nullable(ref("RatingReply")),
        SCORE_KEYS[version]: {**nullable(INTEGER), "minimum": MIN_SCORE, "maximum": MAX_SCORE},
        "version": record({"id": nullable(INTEGER), "version": nullable(STRING)}),
    }
    return {
        "RatingReply": record(base, optional=("flags",)),
        "Rating": record({**base, **own}, optional=("flags", *own)),
        "RatingFlag": record(
            {"flag": flag, "note": nullable(STRING), "rating": INTEGER, "user": ref("User")}
        ),
    }


def _home_page(version: str) -> dict[str, Schema]:
    made = {**properties(version, compact=True)}
    addon = record({key: made[key] for key in ADDON_KEYS}, optional=("promoted", "theme_data"))
    call = record({**_linked(version), "text": TEXT})
    return {
        "Call": call,
        "PrimaryHero": record(
            {
                "external": record(
                    {
                        "id": nullable(INTEGER),
                        "guid": nullable(STRING),
                        "homepage": link(version),
                        "name": TEXT,
                        "type": choice(TYPES),
                    }
                ),
                "addon": addon,
                "description": {"anyOf": [TEXT, STRING]},  # with `raw` as it was written
                "featured_image": nullable(ADDRESS),
                "gradient": nullable(record({"start": STRING, "end": STRING})),
            },
            optional=("external", "addon"),
        ),
        "SecondaryHero": record(
            {
                "headline": TEXT,
                "description": TEXT,
                "cta": nullable(ref("Call")),
                "modules": array(
                    record({"icon": ADDRESS, "description": TEXT, "cta": nullable(ref("Call"))})
                ),
            }
        ),
        "Shelf": record(
            {
                "title": TEXT,
                "url": ADDRESS,
                "endpoint": choice(("search", "collections", "random-tag")),
                "addon_type": STRING,
                "footer": call,
                "addons": array({"anyOf": [ref("SearchResult"), ref("Addon")]}),
            }
        ),
    }


def _linked(version: str) -> dict[str, Schema]:
    """A link that may lead off the site."""
    made = outgoing(version)
    properties: dict[str, Schema] = made.get("properties", {"url": ADDRESS})
    return properties


def _curated() -> dict[str, Schema]:
    application = {**dict.fromkeys(("name", "min_version", "max_version", "guid"), STRING), "id": INTEGER}
    span: dict[str, Schema] = {
        "addon_min_version": STRING,
        "addon_max_version": STRING,
        "applications": array(record(application)),
    }
    return {
        "Category": record(
            {
                "id": INTEGER,
                "name": STRING,
                "slug": STRING,
                "application": choice(APPS),
                "misc": BOOLEAN,
                "type": choice(TYPES),
                "weight": INTEGER,
                "description": nullable(STRING),
            }
        ),
        "Replacement": record({"guid": STRING, "replacement": array(STRING)}),
        "Override": record(
            {
                "addon_id": nullable(INTEGER),
                "addon_guid": STRING,
                "name": STRING,
                "version_ranges": array(record(span)),
            }
        ),
        "BrowserMapping": record({"extension_id": STRING, "addon_guid": STRING}),
        "ApplicationVersions": record({"guid": STRING, "versions": array(STRING)}),
    }


def _listed(version: str) -> dict[str, Schema]:
    limits = {"min_version": STRING, "max_version": STRING} if enabled(version, "block_limits") else {}
    html = {"heading": STRING, "description": STRING} if version == "v3" else {}
    return {
        "Block": record(
            {
                "id": INTEGER,
                "created": DATE_TIME,
                "modified": DATE_TIME,
                "addon_name": TEXT,
                "guid": STRING,
                **limits,
                "reason": nullable(STRING),
                "url": nullable(outgoing(version)),
                "versions": array(STRING),
                "is_all_versions": BOOLEAN,
                "blocked": array(STRING),
                "soft_blocked": array(STRING),
            }
        ),
        "DiscoveryItem": record(
            {
                "addon": ref("SearchResult"),
                "description_text": STRING,
                "heading_text": STRING,
                "is_recommendation": BOOLEAN,
                **html,
            }
        ),
    }


def _uploads() -> dict[str, Schema]:
    file: dict[str, Any] = {"download_url": ADDRESS, "hash": STRING, "signed": BOOLEAN}
    return {
        "Validation": _validation(),
        "Upload": record(
            {
                "uuid": STRING,
                "channel": choice(CHANNELS),
                "processed": BOOLEAN,
                "submitted": BOOLEAN,
                "url": ADDRESS,
                "valid": BOOLEAN,
                "validation": nullable(ref("Validation")),
                "version": nullable(STRING),
            }
        ),
        "Signing": record(
            {
                "guid": STRING,
                **dict.fromkeys(("active", "automated_signing"), BOOLEAN),
                "url": ADDRESS,
                "files": array(record(file)),
                "passed_review": BOOLEAN,
                "pk": STRING,
                **dict.fromkeys(("processed", "reviewed", "valid"), BOOLEAN),
                "validation_results": nullable(ref("Validation")),
                "validation_url": ADDRESS,
                "version": STRING,
            }
        ),
    }


def _validation() -> Schema:
    message = {
        "id": array(STRING),
        "type": choice(("error", "warning", "notice")),
        "message": STRING,
        "description": {"anyOf": [STRING, array(STRING)]},
        "file": nullable(STRING),
        "line": nullable(INTEGER),
        "column": nullable(INTEGER),
        "tier": INTEGER,
        "uid": STRING,
    }
    validation = {
        **dict.fromkeys(("errors", "warnings", "notices"), INTEGER),
        "success": BOOLEAN,
        "compatibility_summary": mapping(INTEGER),
        "metadata": _OBJECT,
        "messages": array(record(message, optional=("line", "column"))),
        "message_tree": _OBJECT,
        "ending_tier": INTEGER,
    }
    return record(validation)


def _reports() -> dict[str, Schema]:
    targets = {
        "addon": record({"guid": nullable(STRING), "id": nullable(INTEGER), "slug": nullable(STRING)}),
        "user": ref("User"),
        "rating": record({"id": INTEGER}),
        "collection": record({"id": INTEGER}),
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
