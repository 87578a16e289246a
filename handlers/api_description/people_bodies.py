"""Schemas of bodies of accounts, collections, ratings and reports, from their tables of readers."""

from typing import Final

from conf.model.reports import TARGET_FIELDS
from conf.vocabulary import NOTIFICATIONS
from handlers.api_description.schemas import BOOLEAN, INTEGER, STRING, Schema, fields
from server.rules import accounts, collections, ratings, reports
from server.rules.fields import object_schema
from server.rules.values.translated import TranslationFormat
from server.shapes.ratings import FLAGS, SCORE_KEYS

_IDENTIFIER: Final[Schema] = {"type": ["string", "integer"]}


def people_bodies(translation_format: TranslationFormat, version: str) -> dict[str, Schema]:
    """The schemas of one API version, by name."""
    return {**_people(translation_format), **_ratings(version), **_reports()}


def _people(translation_format: TranslationFormat) -> dict[str, Schema]:
    notes = object_schema(collections.notes_fields(translation_format))
    return {
        "AccountChange": object_schema(accounts.readers("", reviewer=True)),
        "NotificationsChange": fields(
            {name: BOOLEAN for name, kind in NOTIFICATIONS.items() if not kind.mandatory}
        ),
        "Unsubscription": fields(dict.fromkeys(("token", "hash", "notification"), STRING)),
        "NewCollection": object_schema(collections.fields(translation_format), collections.REQUIRED),
        "CollectionChange": object_schema(collections.fields(translation_format)),
        "CollectionItemChange": notes,
        "NewCollectionItem": fields({"addon": _IDENTIFIER, **notes["properties"]}, ("addon",)),
    }


def _ratings(version: str) -> dict[str, Schema]:
    score = SCORE_KEYS[version]
    opinion = object_schema(ratings.edit_fields(score, ()))
    return {
        "NewRating": fields(
            {"addon": _IDENTIFIER, "version": {"anyOf": [INTEGER, STRING]}, **opinion["properties"]},
            ("addon", "version", score),
        ),
        "RatingChange": opinion,
        "NewRatingReply": object_schema(ratings.reply_fields(()), ("body",)),
        "NewRatingFlag": object_schema(ratings.flag_fields(FLAGS[version]), ("flag",)),
    }


def _reports() -> dict[str, Schema]:
    """Reports of each target, which the body or a parameter names. A message or a reason is required."""
    bodies = {}
    for target in TARGET_FIELDS:
        schema = object_schema(reports.fields(target, has_reason=True))
        bodies[f"New{target.title()}Report"] = {
            **schema,
            "properties": {target: _IDENTIFIER, **schema["properties"]},
            "anyOf": [{"required": ["message"]}, {"required": ["reason"]}],
        }
    return bodies
