"""Update checks of Firefox and Thunderbird, and an add-on's list of its versions (contract/updates.md)."""

from typing import Final
from urllib.parse import urlencode

from conf.appversion import version_number
from conf.vocabulary import APPS
from handlers.http.base import SitePage
from handlers.http.replies.errors import Refusal
from handlers.http.requests.received import Received, digest
from handlers.http.requests.request import Answer, ReadRequest
from server.updates import NOTHING, Offer, UpdateQuery, manifest, newest_compatible, rdf, update

MAX_AGE: Final = 3600  # seconds
_APPS: Final = {app.guid: app.short for app in APPS.values()}
_HEADERS: Final = {"Vary": "Accept-Encoding"}
_RDF_HEADERS: Final = {**_HEADERS, "Content-Type": "text/xml"}
_PAGE_PARAMETERS: Final = ("lang", "app")  # of links on the website; checks have no use for them


def update_check(request: ReadRequest) -> Answer:
    """The newest version for the client. Raises Refusal 302, 400."""
    params = request.params
    if not params.keys().isdisjoint(_PAGE_PARAMETERS):
        raise _without_page_parameters(request)
    guid, app = params.get("id"), _APPS.get(params.get("appID", ""))
    if guid is None or app is None or "appVersion" not in params:
        raise Refusal(400, {}, {"Cache-Control": f"max-age={MAX_AGE}", **_HEADERS})
    mode, system = params.get("compatMode", "strict"), params.get("appOS", "")
    query = UpdateQuery(app, version_number(params["appVersion"]), mode, system)
    is_rdf = params.get("reqVersion") == "1"
    documents, context = request.documents, request.site.shapes["v5"].context
    addon_id = documents.find_guid(guid)
    if addon_id is None:
        body = rdf(context, guid, None, None) if is_rdf else NOTHING
        return Answer(body, max_age=MAX_AGE, headers=_RDF_HEADERS if is_rdf else _HEADERS)
    releases = documents.releases(addon_id)
    release = newest_compatible(releases, query)
    offer = Offer(releases.name, release, app, system) if release else None
    if is_rdf:
        return Answer(rdf(context, guid, releases.type, offer), max_age=MAX_AGE, headers=_RDF_HEADERS)
    body = manifest(guid, [update(context, offer)] if offer else [])
    return Answer(body, max_age=MAX_AGE, headers=_HEADERS)


def _without_page_parameters(request: ReadRequest) -> Refusal:
    query = urlencode([pair for pair in request.pairs if pair[0] not in _PAGE_PARAMETERS])
    return Refusal(302, {}, {"Location": f"{request.path}?{query}"})


def addon_manifest(request: ReadRequest, guid: str) -> Answer:
    """Every public version of an add-on, newest first. Raises Refusal 404."""
    documents, context = request.documents, request.site.shapes["v5"].context
    addon_id = documents.find_guid(guid)
    if addon_id is None:
        raise request.not_found()
    addon, releases = documents.all_releases(addon_id)
    updates = []
    for release in releases:
        app = next(filter(release.span, APPS), None)
        if app is not None:
            updates.append(update(context, Offer(addon.name, release, app)))
    return Answer(manifest(guid, updates), max_age=MAX_AGE, headers=_HEADERS)


class UpdateCheckHandler(SitePage):
    title = "Update Check"
    page = staticmethod(update_check)

    @staticmethod
    def representation(received: Received) -> bytes:
        """No answer is cached, because a digest takes as long as a check, and few checks are the same."""
        return b""


class ManifestHandler(SitePage):
    title = "Updates of an Add-on"
    page = staticmethod(addon_manifest)

    @staticmethod
    def representation(received: Received) -> bytes:
        """Depends on the URL alone, because a manifest is the same for all callers."""
        return digest(received.origin, received.path)
