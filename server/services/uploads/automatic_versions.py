"""Versions that are made by themselves of uploads, once these are validated.

    site = Site(settings, port, make_version)

Event loop only.
"""

from conf.model.uploads import UploadDoc
from server.services.uploads import rolled_back_versions, signed_versions
from server.site import Site


async def make_version(site: Site, upload: UploadDoc) -> None:
    """Raises Unavailable, ReadOnly, Conflict; then do it again."""
    if "rollback" in upload:
        await rolled_back_versions.make_version(site, upload)
    else:
        await signed_versions.make_version(site, upload)
