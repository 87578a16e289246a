"""Schemas of the bodies that one API version accepts."""

from conf.gates import enabled
from conf.locales import DEFAULT_LOCALE
from handlers.api_description.addon_bodies import addon_bodies
from handlers.api_description.people_bodies import people_bodies
from handlers.api_description.schemas import NUMBER, STRING, Schema, fields
from server.rules.fields import object_schema
from server.rules.values.translated import TranslationFormat
from server.site_state import FIELDS as SITE_FIELDS


def bodies(version: str) -> dict[str, Schema]:
    """The schemas of all bodies, by name."""
    translation_format = TranslationFormat(flat=enabled(version, "flat_translations"), locale=DEFAULT_LOCALE)
    mail = {"SecretKey": STRING, "Type": STRING, "Message": {"type": "object"}, "SpamScore": NUMBER}
    return {
        **addon_bodies(translation_format),
        **people_bodies(translation_format, version),
        "SiteChange": object_schema(SITE_FIELDS),
        "Mail": fields(mail, ("SecretKey",)),
    }
