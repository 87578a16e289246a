"""What a version may have as its sources (contract/uploads.md 5.3). Pure; any thread."""

from collections.abc import Mapping
from typing import Any, Final

from conf.model.addons import VersionDoc
from conf.vocabulary import DEFAULT_APP
from server.files.sent import SentFile
from server.rules.fields import takes, wrong
from server.rules.values import images

_ARCHIVES: Final = (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@takes(**images.FILE_SCHEMA)
def archive(value: Any) -> SentFile | None:
    """An archive, or null: none."""
    if not isinstance(value, SentFile):
        images.no_upload(value)
        return None
    if not value.name.lower().endswith(_ARCHIVES):
        raise wrong("source_kind")
    return value


@takes(**images.FILE_SCHEMA)
def place_or_archive(value: Any) -> SentFile | str | None:
    """For callers who may say where it is."""
    if isinstance(value, SentFile):
        return archive(value)
    if isinstance(value, str) and value.strip():
        return images.place(value)
    images.no_upload(value)
    return None


def address_of(version: VersionDoc, values: Mapping[str, Any]) -> dict[str, Any]:
    """Its address, another one for other bytes; where it is not kept here, as it was said."""
    stored = values.get("source_stored")
    if stored is None:
        return {"source": values["source"]}
    name = values["source"].lower()
    ending = next(ending for ending in _ARCHIVES if name.endswith(ending))
    place = f"/{DEFAULT_APP}/downloads/source/{version['id']}/{stored[7:15]}{ending}"
    return {"source": place, "source_stored": stored}
