"""Schemas of bodies sent to add-ons, made from the tables of their field readers."""

from collections.abc import Iterable
from typing import Final

from conf.vocabulary import CHANNELS
from handlers.api_description.schemas import FILE, Schema, fields
from handlers.api_description.schemas import choice as word
from server.rules import authors, listing, previews, versions
from server.rules.fields import object_schema
from server.rules.review import reviews
from server.rules.uploads import packages, rollback
from server.rules.values.translated import TranslationFormat

_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_TYPE: Final = "extension"  # the type of add-on whose words are shown: others have other categories


def addon_bodies(translation_format: TranslationFormat) -> dict[str, Schema]:
    listed = listing.fields(_terms(translation_format))
    edited = {**listed, **listing.icon_fields(_terms(translation_format))}
    described = object_schema(packages.fields(translation_format, _TYPE, frozenset()))
    version = {**described, "properties": {"upload": _UUID, **described["properties"]}}
    new = object_schema(listed, ("version",))
    return {
        "NewUpload": fields({"upload": FILE, "channel": word(CHANNELS)}, ("upload", "channel")),
        "NewSigning": fields({"upload": FILE, "channel": word(CHANNELS)}, ("upload",)),
        "NoteReply": object_schema(reviews.REPLY, ("comments",)),
        "VersionDecision": _decision(reviews.DECISIONS, attachment=FILE),
        "ListingDecision": _decision(reviews.LISTING_DECISIONS),
        "ReviewRequest": object_schema(reviews.REQUEST, reviews.REQUEST),
        "NewVersion": {
            **version,
            "description": "A version of the package that `upload` names. All that says what a package is"
            " (`version`, `guid`, `type`, `file` and so on) is for those with the permission Addons:Submit.",
        },
        "NewAddon": {**new, "properties": {**new["properties"], "version": version}},
        "AddonChange": object_schema(edited),
        "VersionChange": object_schema(versions.edit_fields(translation_format, _TYPE, describes=False)),
        "Rollback": object_schema(rollback.fields(translation_format), (rollback.NUMBER,)),
        "NewPreview": object_schema(
            {**previews.new_fields(translation_format), **previews.described_fields(translation_format)}
        ),
        "PreviewChange": object_schema(previews.fields(translation_format)),
        "PoliciesChange": object_schema(listing.policy_fields(translation_format)),
        "AuthorChange": object_schema(authors.FIELDS),
        "Invitation": object_schema(authors.INVITATION, ("user_id",)),
        "InvitationChange": object_schema(authors.PENDING_FIELDS),
    }


def _terms(translation_format: TranslationFormat) -> listing.ListingContext:
    return listing.ListingContext(
        translation_format=translation_format,
        site_url="",
        addon_type=_TYPE,
        is_slug_used=lambda slug: False,
        describes=True,
    )


def _decision(decisions: Iterable[str], **more: Schema) -> Schema:
    schema = object_schema(reviews.judgement_fields(list(decisions)), ("decision",))
    return {**schema, "properties": {**schema["properties"], **more}}
