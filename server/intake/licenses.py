"""A version's licence, from any of the forms AMO has given it."""

import zlib
from typing import Any

from conf import licenses
from conf.model.addons import Translated
from server.intake.json_values import integer, mapping, string
from server.intake.texts import is_amo, translated, unwrap

# Licences without an id of their own get one above AMO's, from what they say.
_FIRST_OWN_ID = 1_000_000_000


def read_license(value: Any, default_locale: str) -> dict[str, Any] | None:
    """The LicenseDoc of a `license` object (contract/addons.md 6.3), None for null.

    Built-in is what says so (`slug`, or `is_custom` false) or cannot be told
    (v3) and has the address or English name of one, in today's or an older
    wording. Everything else is custom.
    """
    if value is None:
        return None
    source = mapping(value, "license")
    name = translated(source.get("name"), default_locale, "license name")
    url = unwrap(string(source.get("url"), "license url")) or None
    built_in = _built_in(source, name, url)
    if built_in:
        document = {"id": built_in.id, "slug": built_in.slug, "name": None, "text": None, "url": None}
        return document | _own_id(source)
    text = translated(source.get("text"), default_locale, "license text")
    # AMO's own page of a custom licence is what we serve ourselves.
    own_url = url if url and not is_amo(url) else None
    made_up = _FIRST_OWN_ID + zlib.crc32(repr((name, text, own_url)).encode()) % _FIRST_OWN_ID
    return {"id": made_up, "slug": None, "name": name, "text": text, "url": own_url} | _own_id(source)


def _own_id(source: dict[str, Any]) -> dict[str, int]:
    return {} if source.get("id") is None else {"id": integer(source["id"], "license id")}


def _built_in(source: dict[str, Any], name: Translated | None, url: str | None) -> licenses.License | None:
    slug = source.get("slug")
    if isinstance(slug, str):
        return licenses.by_slug(slug)
    if source.get("is_custom") or ("slug" in source and "is_custom" in source):
        return None
    english = (name or {}).get("en-US") or next(iter((name or {}).values()), "")
    return (licenses.by_url(url) if url else None) or licenses.by_name(english)
