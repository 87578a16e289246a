"""A version's licence, in any form that AMO's API has had."""

import zlib
from typing import Any

from conf import licenses
from conf.model.addons import Translated
from server.intake.json_values import integer, mapping, string
from server.intake.texts import is_amo, translated, unwrap

# A licence without an id gets one above AMO's, generated from its content.
_FIRST_GENERATED_ID = 1_000_000_000


def read_license(value: Any, default_locale: str) -> dict[str, Any] | None:
    """The LicenseDoc of a `license` object (contract/addons.md 6.3), None for null.

    It is built-in if it has a `slug`, or if `is_custom` is false or missing (v3) and its address or English
    name is that of a built-in one, in today's or an older wording. Every other one is custom.
    """
    if value is None:
        return None
    source = mapping(value, "license")
    name = translated(source.get("name"), default_locale, "license name")
    url = unwrap(string(source.get("url"), "license url")) or None
    built_in = _built_in(source, name, url)
    if built_in:
        document = {"id": built_in.id, "slug": built_in.slug, "name": None, "text": None, "url": None}
        return document | _explicit_id(source)
    text = translated(source.get("text"), default_locale, "license text")
    # AMO's page of a custom licence is one that we serve ourselves.
    custom_url = url if url and not is_amo(url) else None
    generated_id = (
        _FIRST_GENERATED_ID + zlib.crc32(repr((name, text, custom_url)).encode()) % _FIRST_GENERATED_ID
    )
    return {"id": generated_id, "slug": None, "name": name, "text": text, "url": custom_url} | _explicit_id(
        source
    )


def _explicit_id(source: dict[str, Any]) -> dict[str, int]:
    return {} if source.get("id") is None else {"id": integer(source["id"], "license id")}


def _built_in(source: dict[str, Any], name: Translated | None, url: str | None) -> licenses.License | None:
    slug = source.get("slug")
    if isinstance(slug, str):
        return licenses.by_slug(slug)
    if source.get("is_custom") or ("slug" in source and "is_custom" in source):
        return None
    english = (name or {}).get("en-US") or next(iter((name or {}).values()), "")
    return (licenses.by_url(url) if url else None) or licenses.by_name(english)
