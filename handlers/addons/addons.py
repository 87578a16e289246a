"""Add-ons: detail, creation, edits and deletion (contract/addons.md 2 to 5, contract/writes.md 3 and 4), EULA
and privacy policy (contract/addons.md 9, contract/writes.md 8).
"""

from typing import ClassVar

from conf.model.addons import AddonDoc
from handlers.addons.detail_parameters import compatible_version, detail_view
from handlers.addons.page import AddonPage, detail_for, public_addon
from handlers.addons.resource import SUBMITTING, AddonResource
from handlers.http.base import Access
from handlers.http.replies.conditional import check_no_precondition, unless_changed
from handlers.http.requests.request import Answer, ReadRequest, json_answer
from server.auth.access.addon_access import DELETERS, VISIBLE
from server.errors import Forbidden
from server.services import addons
from server.services.uploads import submissions


def detail(request: ReadRequest, identifier: str) -> Answer | None:
    """None for an add-on that is not public. Raises Refusal 400, 451."""
    addon_id = public_addon(request, identifier)
    if addon_id is None:
        return None
    view = detail_view(request)
    documents = request.documents
    current = None
    if request.params.get("appversion"):
        current = compatible_version(
            request, documents.addon(addon_id), lambda _: documents.versions(addon_id)
        )
    if current is None:
        body = documents.detail(addon_id, view)
    else:
        body = documents.detail_with(addon_id, view, current)
    return Answer(body, tag=request.catalogue.stamp(addon_id))


def eula_policy(request: ReadRequest, identifier: str) -> Answer | None:
    """None for an add-on that is not public. Raises Refusal 451."""
    addon_id = public_addon(request, identifier)
    if addon_id is None:
        return None
    addon = request.documents.addon(addon_id)
    policies = request.shapes.eula_policy(addon, request.view)
    return json_answer(policies, request.catalogue.stamp(addon_id))


class AddonCreateHandler(AddonResource):
    title = "Addon"
    access: ClassVar = {"POST": Access(signed_in=True, submits=True, throttle="submission")}

    async def post(self) -> None:
        release = await submissions.create(self.site, self.actor, self.data())
        self.send_json(self.release_view(release), 201)


class AddonHandler(AddonPage):
    title = "Addon"
    page = staticmethod(detail)
    kind = "addon"
    access: ClassVar = {
        "GET": Access(VISIBLE),
        "PATCH": SUBMITTING,
        "PUT": SUBMITTING,
        "DELETE": Access(DELETERS, throttle="submission"),
    }

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        return self._answer(await self.load(args[0]))

    def check_newest(self, addon: AddonDoc) -> None:
        unless_changed(self, self._answer)(addon)

    def _answer(self, addon: AddonDoc) -> Answer:
        request = self.read_request()
        view, current = detail_view(request), compatible_version(request, addon)
        return json_answer(detail_for(self.site, self.caller, addon, view, current))

    async def patch(self, identifier: str) -> None:
        addon = await self.load(identifier)
        self.send_json(self.author_view(await addons.edit(self.site, self.actor, addon, self.data())))

    async def put(self, identifier: str) -> None:
        """By guid only; an add-on that does not exist is created."""
        if not await addons.is_free(self.site, identifier):
            addon = await self.load(identifier)
            release = await submissions.replace(self.site, self.actor, addon, self.data(), identifier)
            self.send_json(self.release_view(release))
            return
        if self.caller.is_anonymous:
            raise Forbidden
        check_no_precondition(self)
        release = await submissions.create(self.site, self.actor, self.data(), identifier)
        self.send_json(self.release_view(release), 201)

    async def delete(self, identifier: str) -> None:
        addon = await self.load(identifier)
        await addons.delete(
            self.site, self.actor, addon, self.read_request().params.get("delete_confirm", "")
        )
        self.send_nothing()


class DeleteConfirmHandler(AddonResource):
    """The first step of a deletion: returns a token for this add-on, valid for a minute."""

    title = "Addon Delete Confirm"
    access: ClassVar = {"GET": Access(DELETERS)}

    async def get(self, identifier: str) -> None:
        addon = await self.load(identifier)
        self.send_json({"delete_confirm": addons.deletion_token(self.site, addon)})


class EulaPolicyHandler(AddonPage):
    title = "Addon Eula Policy"
    page = staticmethod(eula_policy)
    access: ClassVar = {"GET": Access(VISIBLE), "PATCH": SUBMITTING}

    async def answer_from_store(self, request: ReadRequest, *args: str) -> Answer:
        addon = await self.load(args[0])
        return json_answer(self.site.shapes[self.version].eula_policy(addon, request.view))

    async def patch(self, identifier: str) -> None:
        addon = await self.load(identifier)
        addon = await addons.edit_policies(self.site, self.actor, addon, self.data())
        self.send_json(self.site.shapes[self.version].eula_policy(addon, self.read_request().view))
