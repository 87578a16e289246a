"""Source code of versions in bodies (contract/uploads.md 5.3). Pure; any thread."""

from collections.abc import Mapping
from typing import Any, Final

from conf.model.addons import VersionDoc
from conf.vocabulary import DEFAULT_APP
from server.files.uploaded_file import UploadedFile
from server.rules.fields import with_schema, wrong_value
from server.rules.values import images

SUFFIXES: Final = (".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")  # of archives


@with_schema(**images.FILE_SCHEMA)
def archive(value: Any) -> UploadedFile | None:
    """Reads a sent archive; null removes it."""
    if not isinstance(value, UploadedFile):
        images.check_removal(value)
        return None
    if not value.name.lower().endswith(SUFFIXES):
        raise wrong_value("source_kind")
    return value


@with_schema(**images.FILE_SCHEMA)
def archive_or_address(value: Any) -> UploadedFile | str | None:
    """Reads an archive or, from callers who describe packages, its address."""
    if isinstance(value, UploadedFile):
        return archive(value)
    if isinstance(value, str) and value.strip():
        return images.address(value)
    images.check_removal(value)
    return None


def source_fields(version: VersionDoc, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to store: the address that was sent, or that of the uploaded archive, which changes with its
    bytes.
    """
    stored = values.get("source_stored")
    if stored is None:
        return {"source": values["source"]}
    name = values["source"].lower()
    suffix = next(suffix for suffix in SUFFIXES if name.endswith(suffix))
    address = f"/{DEFAULT_APP}/downloads/source/{version['id']}/{stored[7:15]}{suffix}"
    return {"source": address, "source_stored": stored}
