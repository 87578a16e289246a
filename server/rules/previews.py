"""Previews of an add-on (contract/writes.md 6).

Callers with the permission to describe packages (server/rules/uploads/packages.py) may name images
hosted elsewhere, by path or address. Pure functions; they raise Invalid. Any thread.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from conf.limits import MAX_CAPTION, MAX_POSITION, MAX_SIDE
from conf.model.addons import AddonDoc, PreviewDoc
from conf.vocabulary import THEMES
from server.rules.faults import Invalid, bare_fault
from server.rules.fields import FieldReader, integer, read_fields, with_schema, wrong_value
from server.rules.values import images
from server.rules.values.images import DrawnPicture
from server.rules.values.translated import TranslationFormat, check_default, merged_translations, translated


def fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    return {"caption": translated(translation_format, MAX_CAPTION), "position": integer(0, MAX_POSITION)}


def described_fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    """Fields of a new preview whose image is hosted elsewhere."""
    return {
        **fields(translation_format),
        "image_url": images.address,
        "image_size": _size,
        "thumbnail_url": images.address,
        "thumbnail_size": _size,
    }


def read_new(
    sent: Mapping[str, Any], translation_format: TranslationFormat, *, describes: bool
) -> dict[str, Any]:
    """The values of a new preview; `image` is the uploaded one, if it was uploaded. Raises Invalid."""
    if describes and "image_url" in sent:
        return read_fields(described_fields(translation_format), sent)
    return read_fields(new_fields(translation_format), {"image": None, **sent})


def new_fields(translation_format: TranslationFormat) -> dict[str, FieldReader]:
    """Fields of a new, uploaded preview."""
    return {"image": _image, **fields(translation_format)}


@with_schema(**images.FILE_SCHEMA)
def _image(value: Any) -> bytes:
    image = images.upload(value)
    if image is None:
        raise wrong_value("no_file")
    return image


def drawn_fields(drawn: Mapping[str, DrawnPicture]) -> dict[str, Any]:
    """The values of a drawn image."""
    full, thumbnail = drawn["full"], drawn["thumbs"]
    return {
        "image_url": full.address,
        "image_size": full.size,
        "thumbnail_url": thumbnail.address,
        "thumbnail_size": thumbnail.size,
    }


@with_schema(type="array", items={"type": "integer", "minimum": 1, "maximum": int(MAX_SIDE)}, maxItems=2)
def _size(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) not in (0, 2):
        raise wrong_value("not_a_list", type=type(value).__name__)
    return [integer(1, MAX_SIDE)(side) for side in value]


def check_type(addon: AddonDoc) -> None:
    """Raises Invalid for a theme, whose previews are made from its package."""
    if addon["type"] in THEMES:
        raise bare_fault("not_for_type")


def find_preview(addon: AddonDoc, preview_id: int) -> PreviewDoc | None:
    return next((preview for preview in addon["previews"] if preview["id"] == preview_id), None)


def added(
    addon: AddonDoc, preview_id: int, values: Mapping[str, Any], now: str, drawn: Iterable[DrawnPicture] = ()
) -> AddonDoc:
    """The add-on with one more preview, the last unless a position was sent; `drawn` are its pictures."""
    max_position = max((preview["position"] for preview in addon["previews"]), default=-1)
    image = values["image_url"]
    preview = {
        "id": preview_id,
        "caption": _caption(addon, None, values),
        "image_url": image,
        "image_size": values.get("image_size", []),
        "thumbnail_url": values.get("thumbnail_url", image),
        "thumbnail_size": values.get("thumbnail_size", []),
        "position": values.get("position", max_position + 1),
    }
    new = {**addon, "previews": [*addon["previews"], cast(PreviewDoc, preview)], "modified": now}
    return cast(AddonDoc, images.with_pictures(new, drawn))


def edited(addon: AddonDoc, preview_id: int, values: Mapping[str, Any], now: str) -> AddonDoc:
    """The add-on with a preview edited; the same object if nothing changes. Raises Invalid."""
    previews = [
        _edited(addon, preview, values) if preview["id"] == preview_id else preview
        for preview in addon["previews"]
    ]
    return addon if previews == addon["previews"] else addon | {"previews": previews, "modified": now}


def _edited(addon: AddonDoc, preview: PreviewDoc, values: Mapping[str, Any]) -> PreviewDoc:
    position = values.get("position", preview["position"])
    return preview | {"caption": _caption(addon, preview, values), "position": position}


def _caption(addon: AddonDoc, preview: PreviewDoc | None, values: Mapping[str, Any]) -> Any:
    stored = preview["caption"] if preview else None
    if "caption" not in values:
        return stored
    caption = merged_translations(stored, values["caption"])
    fault = check_default(caption, addon["default_locale"], required=False)
    if fault:
        raise Invalid({"caption": [fault]})
    return caption


def removed(addon: AddonDoc, preview_id: int, now: str) -> AddonDoc:
    """The add-on without that preview; the same object if it has none."""
    previews = [preview for preview in addon["previews"] if preview["id"] != preview_id]
    if previews == addon["previews"]:
        return addon
    return cast(AddonDoc, images.with_pictures({**addon, "previews": previews, "modified": now}))
