"""The blocklist (contract/extras.md 1): `blocklist/block/{id or guid}/`, v4 and v5."""

from typing import Any

from conf.gates import enabled
from conf.model.addons import AddonDoc
from conf.model.curated import BlockDoc
from handlers.http.base import PublicPage
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from index.shapes.translated_fields import resolve
from server.rules import blocks
from server.shapes.home_page import linked


def block_page(request: ReadRequest, name: str) -> Answer | None:
    """None where the add-on is not public: whether all of it is blocked, memory cannot tell."""
    block = _find(request, name)
    addon_id = request.documents.find_guid(block["guid"])
    if addon_id is None:
        return None
    return json_answer(_shape(request, block, request.documents.addon(addon_id), whole=False))


def _find(request: ReadRequest, name: str) -> BlockDoc:
    view = request.site.curated.blocks.view
    block = view.by_id.get(name) or view.by_guid.get(name.lower())
    if block is None:
        raise request.not_found()
    return block


def _shape(request: ReadRequest, block: BlockDoc, addon: AddonDoc | None, *, whole: bool) -> dict[str, Any]:
    shapes, view = request.shapes, request.view
    link = linked(shapes, block["url"], view) if block["url"] else None
    versions = blocks.in_order(blocks.numbers(block))
    limits = {"min_version": "0", "max_version": "*"}
    if not whole:
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
        "is_all_versions": whole,
        "blocked": block["blocked"],
        "soft_blocked": block["soft_blocked"],
    }


class BlockHandler(PublicPage):
    """Of an add-on in any state, or of none: its guid is enough."""

    title = "Block"
    page = staticmethod(block_page)

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        block = _find(request, args[0])
        addon = await self.site.store.find_addon("guid", block["guid"])
        whole = blocks.is_whole(block, addon)
        return json_answer(_shape(request, block, addon, whole=whole))
