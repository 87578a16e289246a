"""Names, slugs and guids of add-ons (contract/writes.md 3.1, 3.2).

Checks raise WrongValue. Pure; any thread.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

from conf.limits import MAX_SLUG
from conf.vocabulary import DENIED_SLUGS, GUID_PATTERN, RESERVED_GUID_SUFFIXES, SLUG_PATTERN, TRADEMARKS
from server.rules.fields import check_length, plain_text, with_schema, wrong_value

_SLUG: Final = re.compile(SLUG_PATTERN)
_GUID: Final = re.compile(GUID_PATTERN)
_NOT_WORD: Final = re.compile(r"[\W_]+")
_NOT_SLUG: Final = re.compile(r"[^\w~]+")


def check_name(text: str) -> None:
    if not any(character.isalnum() for character in text):
        raise wrong_value("name_without_letters")


def check_untrademarked(text: str) -> None:
    """Raises WrongValue for a trademark, except at the end: "... for Firefox"."""
    check_name(text)
    normalized = _NOT_WORD.sub(" ", unicodedata.normalize("NFKD", text).casefold()).strip()
    for mark in TRADEMARKS:
        uses = normalized.count(mark)
        if uses > 1 or (uses and not normalized.endswith(f" for {mark}")):
            raise wrong_value("trademark")


def slug(is_slug_taken: Callable[[str], bool]) -> Callable[[Any], str]:
    """Reads a slug; `is_slug_taken` says whether another add-on has it."""

    def reader(value: Any) -> str:
        text = plain_text(value)
        if not text:
            raise wrong_value("blank")
        check_length(text, MAX_SLUG)
        if not _SLUG.fullmatch(text):
            raise wrong_value("slug_invalid")
        if is_denied(text):
            raise wrong_value("slug_denied")
        if is_slug_taken(text):
            raise wrong_value("slug_taken")
        return text

    return with_schema(type="string", minLength=1, maxLength=int(MAX_SLUG))(reader)


def is_denied(slug: str) -> bool:
    """Whether the slug could be mistaken for an id (digits alone) or for another part of an address."""
    return slug.isdecimal() or slug.lower() in DENIED_SLUGS


def slug_from(name: str, addon_id: int) -> str:
    """A slug made from the add-on's name; another add-on may have it."""
    slug = _NOT_SLUG.sub("-", name.lower())[:MAX_SLUG].strip("-_")
    return slug if slug and not is_denied(slug) else f"addon-{addon_id}"


def file_name(slug: str, addon_id: int) -> str:
    """The beginning of file names: the slug in ASCII, with `_` between words (contract/packages.md 4.5)."""
    normalized = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub("_", normalized).strip("_") or str(addon_id)


def check_guid(guid: str, *, allow_reserved: bool) -> None:
    if not _GUID.fullmatch(guid):
        raise wrong_value("guid_invalid")
    for suffix in RESERVED_GUID_SUFFIXES:
        if guid.lower().endswith(suffix) and not allow_reserved:
            raise wrong_value("guid_reserved", suffix=suffix)
