"""Source archives of versions: checked and stored (contract/uploads.md 5.3).

    values = await store_source(site, values)        # before the change that refers to it

Event loop only.
"""

from typing import Any

from server.background.child_process import ChildFailed
from server.files.uploaded_file import UploadedFile
from server.rules.faults import field_fault
from server.site import Site


async def store_source(site: Site, values: dict[str, Any]) -> dict[str, Any]:
    """Store a file sent as `source`; returns values that refer to it. Raises Invalid, Unavailable, Busy."""
    sent = values.get("source")
    if not isinstance(sent, UploadedFile):
        return values
    try:
        await site.validator.inspector.check_source(sent)
    except (ChildFailed, TimeoutError):
        raise field_fault("source", "source_broken") from None
    stored = await site.files.put(sent.content)
    return {**values, "source": sent.name, "source_stored": stored.id}
