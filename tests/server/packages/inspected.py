"""Packages looked at, and what is said of them in short."""

import io
from collections.abc import Collection, Mapping

from server.packages.validation.inspection import Inspection, inspect

Released = Mapping[str, Collection[str]]


def look(
    content: bytes, name: str = "tree.xpi", *, listed: bool = True, app_versions: Released | None = None
) -> Inspection:
    return inspect(io.BytesIO(content), name, listed=listed, app_versions=app_versions or {})


def said(found: Inspection) -> list[tuple[str, str]]:
    """Kind and code or text of all messages but what every package here has."""
    usual = ("not_scanned", "MISSING_DATA_COLLECTION_PERMISSIONS")
    return [
        (one["type"], one["message"] if one["id"][0] == "validation" else one["id"][0])
        for one in found.result["messages"]
        if one["id"][-1] not in usual
    ]
