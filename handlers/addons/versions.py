"""The versions of an add-on: list, detail, new ones, edits and deletion (contract/addons.md 6 to 8,
contract/writes.md 5).
"""

from functools import partial
from typing import ClassVar

from conf.model.addons import AddonDoc, VersionDoc
from handlers.addons.page import AddonPage, public_addon
from handlers.addons.resource import SUBMITTING
from handlers.http.base import Access
from handlers.http.replies.conditional import unless_changed
from handlers.http.requests.paging import paginated
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.auth.access.addon_access import VISIBLE, sees_private_keys
from server.rules.faults import bare_fault
from server.services import versions
from server.services.uploads import submissions


def version_list(request: ReadRequest, identifier: str) -> Answer | None:
    """The approved listed versions of a public add-on; None if the answer cannot be made from memory."""
    addon_id = public_addon(request, identifier)
    if addon_id is None or "filter" in request.params:
        return None
    documents = request.documents
    body = _page(request, documents.addon(addon_id), documents.versions(addon_id), private=False)
    return Answer(body, tag=request.catalogue.stamp(addon_id))


def _page(request: ReadRequest, addon: AddonDoc, version_docs: list[VersionDoc], *, private: bool) -> bytes:
    shapes = request.shapes
    shape = partial(shapes.version, addon, view=request.view, place="list", private=private)
    return paginated(request, version_docs, shape)


def version_detail(request: ReadRequest, identifier: str, name: str) -> Answer | None:
    """None if anonymous callers see no such version. Raises Refusal 451."""
    addon_id = public_addon(request, identifier)
    if addon_id is None or "filter" in request.params:
        return None
    documents = request.documents
    version = versions.find_by_name(documents.versions(addon_id), name)
    if version is None:
        return None
    shapes = request.shapes
    shape = shapes.version(documents.addon(addon_id), version, request.view, "detail")
    return json_answer(shape, request.catalogue.stamp(addon_id))


class VersionListHandler(AddonPage):
    title = "Addon Version"
    page = staticmethod(version_list)
    kind = "version"
    access: ClassVar = {"GET": Access(VISIBLE), "POST": SUBMITTING}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        addon = await self.load(args[0])
        visible = versions.filter_versions(self.caller, addon, request.params.get("filter"))
        return Answer(_page(request, addon, visible, private=sees_private_keys(self.caller, addon)))

    async def post(self, identifier: str) -> None:
        addon = await self.load(identifier)
        release = await submissions.add_version(self.site, self.actor, addon, self.data())
        self.send_json(self.author_version(release), 201)


class VersionDetailHandler(AddonPage):
    title = "Addon Version"
    page = staticmethod(version_detail)
    kind = "version"
    access: ClassVar = {"GET": Access(VISIBLE), "PATCH": SUBMITTING, "DELETE": SUBMITTING}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        addon = await self.load(args[0])
        if "filter" in request.params:
            raise bare_fault("filter_out_of_context")
        return self._answer(addon)

    def check_newest(self, addon: AddonDoc) -> None:
        unless_changed(self, self._answer)(addon)

    def _answer(self, addon: AddonDoc) -> Answer:
        request, version = self.read_request(), versions.find(self.caller, addon, self.path_args[1])
        shapes = self.site.shapes[self.version]
        private = sees_private_keys(self.caller, addon)
        return json_answer(shapes.version(addon, version, request.view, "detail", private=private))

    async def patch(self, identifier: str, name: str) -> None:
        addon = await self.load(identifier)
        version_id = versions.find_to_edit(addon, name)["id"]
        release = await versions.edit(self.site, self.actor, addon, version_id, self.data())
        self.send_json(self.author_version(release))

    async def delete(self, identifier: str, name: str) -> None:
        addon = await self.load(identifier)
        await versions.delete(self.site, self.actor, addon, versions.find_to_edit(addon, name))
        self.send_nothing()
