"""Rolls an add-on back: submits an earlier version again under a new number (contract/packages.md 6).

    await roll_back(site, actor, addon, version, sent)     # queues its package for validation

The version is made by automatic_versions.py. Event loop only.
"""

from conf.model.addons import AddonDoc, VersionDoc
from server.files.uploaded_file import UploadedFile, open_spool
from server.rules.faults import body_fault
from server.rules.uploads.rollback import check_rollback, read_rollback
from server.services.editing import Actor, Sent, with_clean_markup
from server.services.uploads import uploads
from server.site import Site


async def roll_back(site: Site, actor: Actor, addon: AddonDoc, version: VersionDoc, sent: Sent) -> None:
    """Raises Invalid, also for a package hosted elsewhere, and as PackageBrowser.renumber."""
    rollback = read_rollback(sent, actor.translation_format)
    notes = (await with_clean_markup({"release_notes": rollback.release_notes}))["release_notes"]
    check_rollback(addon, version, rollback.number)
    if addon["guid"] is not None:
        site.curated.check_unblocked(addon["guid"], rollback.number, site.addresses.site_url)
    stored = version["files"][0].get("stored")
    if stored is None:
        raise body_fault("rollback_no_package")
    with open_spool(site.settings.data_dir) as package:
        await site.validator.inspector.browser.renumber(stored, rollback.number, package)
        file = UploadedFile(f"{addon['slug'] or addon['_id']}-{rollback.number}.xpi", "", package)
        upload = uploads.new_upload(actor, file, version["channel"])
        upload["rollback"] = {
            "addon_id": addon["_id"],
            "version_id": version["id"],
            "version": version["version"],
            "release_notes": notes,
        }
        await uploads.store_upload(site, file, upload)
