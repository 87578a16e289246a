"""Source code of versions in bodies (contract/uploads.md 5.3). Pure; any thread."""

from collections.abc import Mapping
from typing import Any, Final

from conf.model.addons import VersionDoc
from conf.vocabulary import DEFAULT_APP
from server.files.uploaded_file import UploadedFile
from server.rules.fields import with_schema, wrong_value
from server.rules.values import images

_ARCHIVES: Final = (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@with_schema(**images.FILE_SCHEMA)
def archive(value: Any) -> UploadedFile | None:
    """Reads a sent archive; null removes it."""
    if not isinstance(value, UploadedFile):
        images.no_upload(value)
        return None
    if not value.name.lower().endswith(_ARCHIVES):
        raise wrong_value("source_kind")
    return value


@with_schema(**images.FILE_SCHEMA)
def archive_or_address(value: Any) -> UploadedFile | str | None:
    """Reads an archive or, from callers who describe packages, its address."""
    if isinstance(value, UploadedFile):
        return archive(value)
    if isinstance(value, str) and value.strip():
        return images.address(value)
    images.no_upload(value)
    return None


def address_of(version: VersionDoc, values: Mapping[str, Any]) -> dict[str, Any]:
    """The stored fields: an address that changes with the bytes, or the sent address."""
    stored = values.get("source_stored")
    if stored is None:
        return {"source": values["source"]}
    name = values["source"].lower()
    ending = next(ending for ending in _ARCHIVES if name.endswith(ending))
    address = f"/{DEFAULT_APP}/downloads/source/{version['id']}/{stored[7:15]}{ending}"
    return {"source": address, "source_stored": stored}
