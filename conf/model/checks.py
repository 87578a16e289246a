"""Checks stored documents against the document model; documents that do not fit are left out and reported.

    fault = find_fault(document, UserDoc)      # "$: object missing required field username", or None
    is_exact(document, UserDoc)                # whether it has no other keys either
    narrow(UserDoc, {"username": 1})           # the model after this projection
    part_of(UserDoc)                           # the model of any part of one

A document that lacks a key or has a value of another type would fail wherever it is read, far from
its origin. Keys that the model does not have are no fault. Pure; any thread; 10 microseconds
for an add-on.
"""

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import (
    Any,
    Final,
    NotRequired,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import msgspec
from msgspec import UNSET, UnsetType

from conf.model.addons import AddonDoc, Translated

# The fields of an add-on that the public index never reads, as a projection, because they are large.
UNREAD: Final = {"pending_authors": 0, "content_review": 0, "pictures": 0, "reviewer_flags": 0}


def find_fault(document: Mapping[str, Any], model: Any) -> str | None:
    """What is wrong with the document, as `$.size: expected int, got str`; None if it fits the `model`."""
    try:
        msgspec.convert(document, _struct(model))
    except msgspec.ValidationError as error:
        reason, _, path = str(error).replace("`", "").partition(" - at ")
        reason = reason[:1].lower() + reason[1:]
        return f"{path}: {reason}" if path else reason
    return None


def is_exact(document: Mapping[str, Any], model: Any) -> bool:
    """Whether the document fits the model and has no further keys."""
    try:
        msgspec.convert(document, _struct(model, forbids=True))
    except msgspec.ValidationError:
        return False
    return True


@cache
def _struct(hint: Any, forbids: bool = False) -> Any:
    """The same type made of Structs, because msgspec takes twice as long to make dicts of a TypedDict."""
    if is_typeddict(hint):
        fields: list[Any] = []
        names = {}
        for index, (name, inner) in enumerate(get_type_hints(hint, include_extras=True).items()):
            names[f"_{index}"] = name
            is_optional = get_origin(inner) is NotRequired or name not in hint.__required_keys__
            kind = _struct(get_args(inner)[0] if get_origin(inner) is NotRequired else inner, forbids)
            fields.append((f"_{index}", kind | UnsetType, UNSET) if is_optional else (f"_{index}", kind))
        return msgspec.defstruct(
            hint.__name__, fields, rename=names, kw_only=True, forbid_unknown_fields=forbids, gc=False
        )
    inner_types = tuple(_struct(inner, forbids) for inner in get_args(hint))
    match get_origin(hint):
        case type() as origin if origin in (list, dict):
            return origin[inner_types]
        case origin if origin in (Union, UnionType):
            return Union[inner_types]  # noqa: UP007
    return hint


def find_addon_fault(addon: Mapping[str, Any]) -> str | None:
    """As `find_fault`, for the part of an add-on that the index reads."""
    return find_fault(addon, narrow(AddonDoc, UNREAD))


def describe_error(error: Exception) -> str:
    """What an unexpected exception says about the document that raised it."""
    return f"{type(error).__name__}: {error}"


def narrow(model: Any, fields: Mapping[str, int] | None) -> Any:
    """The model after MongoDB's projection `fields`: `{"ratings.average": 1}`, or `{"eula": 0}`."""
    return _narrowed(model, frozenset(fields.items())) if fields else model


@cache
def _narrowed(model: Any, fields: frozenset[tuple[str, int]]) -> Any:
    included = any(value for _, value in fields)
    inner: dict[str, set[tuple[str, int]]] = {}
    for path, value in fields:
        head, _, remainder = path.partition(".")
        inner.setdefault(head, set()).update({(remainder, value)} if remainder else ())
    hints = {}
    for name, hint in get_type_hints(model, include_extras=True).items():
        if inner.get(name):
            hints[name] = _inside(hint, frozenset(inner[name]))
        elif (name in inner) == included or name == "_id":
            hints[name] = hint
    return TypedDict(model.__name__, hints)  # type: ignore[operator]


def _inside(hint: Any, fields: frozenset[tuple[str, int]]) -> Any:
    """The type with its object narrowed, which may be in a list or optional."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        return _narrowed(hint, fields)
    if origin is NotRequired:
        return NotRequired[_inside(arguments[0], fields)]
    if origin is list:
        return list[_inside(arguments[0], fields)]  # type: ignore[misc]
    if origin is UnionType:
        return _inside(arguments[0], fields) | None
    return hint


@cache
def part_of(hint: Any) -> Any:
    """The type with every key optional, in inner objects too; a translation may be null, which removes it."""
    if is_typeddict(hint):
        parts = {name: part_of(inner) for name, inner in get_type_hints(hint).items()}
        return TypedDict(hint.__name__, parts, total=False)  # type: ignore[operator]
    if hint == Translated:
        return dict[str, str | None]
    inner = tuple(map(part_of, get_args(hint)))
    if get_origin(hint) is list:
        return list[inner]  # type: ignore[valid-type]
    return Union[inner] if isinstance(hint, UnionType) else hint  # noqa: UP007
