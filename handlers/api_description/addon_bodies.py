"""Schemas of the bodies of writes to add-ons, made from the tables of their field readers."""

from collections.abc import Iterable
from typing import Final

from conf.vocabulary import CHANNELS
from handlers.api_description.schemas import FILE, Schema, choice, fields
from server.rules import authors, listing, previews, versions
from server.rules.fields import object_schema
from server.rules.review import reviews
from server.rules.uploads import packages, rollback
from server.rules.values.translated import TranslationFormat

_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_TYPE: Final = "extension"  # whose categories are described; other types have other ones


def addon_bodies(translation_format: TranslationFormat) -> dict[str, Schema]:
    listed = listing.fields(_context(translation_format))
    edited = {**listed, **listing.icon_fields(_context(translation_format))}
    described = object_schema(packages.fields(translation_format, _TYPE, frozenset()))
    version = {**described, "properties": {"upload": _UUID, **described["properties"]}}
    new = object_schema(listed, ("version",))
    return {
        "NewUpload": fields({"upload": FILE, "channel": choice(CHANNELS)}, ("upload", "channel")),
        "NewSigning": fields({"upload": FILE, "channel": choice(CHANNELS)}, ("upload",)),
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


def _context(translation_format: TranslationFormat) -> listing.ListingContext:
    return listing.ListingContext(
        translation_format=translation_format,
        site_url="",
        addon_type=_TYPE,
        is_slug_taken=lambda slug: False,
        describes=True,
    )


def _decision(decisions: Iterable[str], **extras: Schema) -> Schema:
    schema = object_schema(reviews.judgement_fields(list(decisions)), ("decision",))
    return {**schema, "properties": {**schema["properties"], **extras}}
