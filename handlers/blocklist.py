"""The blocklist (contract/extras.md 1): `blocklist/block/{id or guid}/`, v4 and v5."""

from typing import Any

from conf.gates import enabled
from conf.model.addons import AddonDoc
from conf.model.curated import BlockDoc
from handlers.http.base import PublicPage
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from index.shapes.translated_fields import resolve
from server.rules import blocks
from server.rules.version_order import in_order
from server.shapes.home_page import linked


def block_page(request: ReadRequest, identifier: str) -> Answer | None:
    """None if the add-on is not public, because only the store knows whether all its versions are blocked."""
    block = _find(request, identifier)
    addon_id = request.documents.find_guid(block["guid"])
    if addon_id is None:
        return None
    return json_answer(_shape(request, block, request.documents.addon(addon_id), is_all=False))


def _find(request: ReadRequest, identifier: str) -> BlockDoc:
    view = request.site.curated.blocks.view
    block = view.by_id.get(identifier) or view.by_guid.get(identifier.lower())
    if block is None:
        raise request.not_found()
    return block


def _shape(request: ReadRequest, block: BlockDoc, addon: AddonDoc | None, *, is_all: bool) -> dict[str, Any]:
    shapes, view = request.shapes, request.view
    link = linked(shapes, block["url"], view) if block["url"] else None
    versions = in_order(blocks.numbers(block))
    limits = {"min_version": "0", "max_version": "*"}
    if not is_all:
        limits = {"min_version": (versions or [""])[0], "max_version": (versions or [""])[-1]}
    return {
        "id": block["_id"],
        "created": block["created"],
        "modified": block["modified"],
        "addon_name": addon and resolve(addon["name"], view, addon["default_locale"]),
        "guid": block["guid"],
        **(limits if enabled(view.version, "block_limits") else {}),
        "reason": block["reason"],
        "url": link["url"] if link and "outgoing" not in link else link,
        "versions": block["blocked"],
        "is_all_versions": is_all,
        "blocked": block["blocked"],
        "soft_blocked": block["soft_blocked"],
    }


class BlockHandler(PublicPage):
    """The block of a guid, whether or not its add-on is public or exists."""

    title = "Block"
    page = staticmethod(block_page)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        block = _find(request, args[0])
        addon = await self.site.store.find_addon("guid", block["guid"])
        is_all = blocks.covers_addon(block, addon)
        return json_answer(_shape(request, block, addon, is_all=is_all))
