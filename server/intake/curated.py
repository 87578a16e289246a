"""What makes a document of the small collections valid.

    {"kind": "featured", "_id": 1, "app": "firefox", "addons": [7, 9]}

The models are in conf/model/curated.py, the rows in kinds.py. Every check raises
BadRecord for what the types do not say.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from conf.limits import MAX_COLLECTION
from conf.locales import SUPPORTED
from conf.model.curated import CURATED_RECOMMENDATIONS
from conf.vocabulary import APPS, GUID_PATTERN, MAPPED_BROWSERS
from server.intake.json_values import BadRecord, check_date, integer, quoted, word

_GUID: Final = re.compile(GUID_PATTERN)


def check_featured(featured: dict[str, Any]) -> None:
    integer(featured["_id"], "_id", 1)
    word(featured["app"], APPS, "app")
    if featured["locale"] is not None:
        word(featured["locale"], SUPPORTED, "locale")


def check_replacement(replacement: dict[str, Any]) -> None:
    if not replacement["path"].startswith(("/", "http://", "https://")):
        raise BadRecord(f"path is neither a path nor an address: {quoted(replacement['path'])}")


def check_override(override: dict[str, Any]) -> None:
    integer(override["_id"], "_id", 1)
    if not override["addon_guid"]:
        raise BadRecord("no addon_guid")


def check_mapping(mapping: dict[str, Any]) -> None:
    word(mapping["browser"], MAPPED_BROWSERS, "browser")
    _guids([mapping["addon_guid"]])


def check_curated(curated: dict[str, Any]) -> None:
    word(curated["_id"], (CURATED_RECOMMENDATIONS,), "list")
    _guids(curated["guids"])


def check_discovery(item: dict[str, Any]) -> None:
    integer(item["_id"], "_id", 1)


def check_collection(collection: dict[str, Any]) -> None:
    integer(collection["_id"], "_id", 1)
    if not collection["slug"]:
        raise BadRecord("no slug")
    items = collection["addons"]
    if len(items) > MAX_COLLECTION:
        raise BadRecord(f"more than {MAX_COLLECTION} add-ons")
    if len({item["addon_id"] for item in items}) < len(items):
        raise BadRecord("an add-on is in it twice")
    for value in (collection["created"], collection["modified"], *(item["added"] for item in items)):
        check_date(value)


def _guids(values: Iterable[str]) -> None:
    for value in values:
        if not _GUID.fullmatch(value):
            raise BadRecord(f"bad guid: {quoted(value)}")
