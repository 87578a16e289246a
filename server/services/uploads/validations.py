"""Validation results of the files of versions (contract/reviewers.md 3). Event loop only."""

from typing import Any, cast

from conf.model.addons import AddonDoc
from conf.numbers import read_number
from server.auth.access.addon_access import VERSION_READERS, passes
from server.auth.callers import Caller
from server.errors import Forbidden, NotFound
from server.services.uploads.uploads import UPLOADS
from server.site import Site


async def find_validation(site: Site, caller: Caller, addon: AddonDoc, file_id: str) -> dict[str, Any]:
    """The result for a file, for authors and reviewers of its channel. Raises NotFound, Forbidden."""
    number = read_number(file_id)
    for version in addon["versions"]:
        for file in version["files"]:
            if file["id"] == number:
                if not passes(VERSION_READERS[version["channel"]], caller, addon, safe=True):
                    raise Forbidden
                upload = await site.store.find_one(UPLOADS, {"_id": file.get("upload")}, {"validation": 1})
                if upload is None or upload["validation"] is None:
                    raise NotFound(file_id)
                return cast(dict[str, Any], upload["validation"])
    raise NotFound(file_id)
