"""The parameters of a detail: `show_grouped_ratings`, and `app` and `appversion` of a language pack."""

from collections.abc import Callable
from dataclasses import replace

from conf.appversion import search_range
from conf.model.addons import AddonDoc, VersionDoc
from conf.vocabulary import APPS, BOOLEANS
from handlers.http.requests.request import ReadRequest
from index.facts import public_versions
from index.shapes.view import View
from server.search_params.compatibility import newest_compatible


def detail_view(request: ReadRequest) -> View:
    """Raises Refusal 400."""
    raw = request.params.get("show_grouped_ratings", "").lower()
    if not raw:
        return request.view
    if raw not in BOOLEANS:
        raise request.bad_request("grouped_ratings_invalid")
    return replace(request.view, grouped=BOOLEANS[raw])


def compatible_version(
    request: ReadRequest, addon: AddonDoc, versions: Callable[[AddonDoc], list[VersionDoc]] = public_versions
) -> VersionDoc | None:
    """Of a language pack, the newest of its public versions that the caller's browser can use.

    `versions` gives them, if they are asked for. Raises Refusal 400.
    """
    appversion = request.params.get("appversion")
    if not appversion or addon["type"] != "language":
        return None
    app = request.params.get("app", "").lower()
    if app not in APPS:
        raise request.bad_request("invalid_parameter", name="app")
    if search_range(appversion) is None:
        raise request.bad_request("invalid_parameter", name="appversion")
    return newest_compatible(versions(addon), app, appversion)
