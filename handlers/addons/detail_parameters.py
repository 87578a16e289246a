"""Parameters of an add-on's detail: `show_grouped_ratings`; `app` and `appversion` of a language pack."""

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
    """The request's view, with `show_grouped_ratings`. Raises Refusal 400."""
    raw = request.params.get("show_grouped_ratings", "").lower()
    if not raw:
        return request.view
    if raw not in BOOLEANS:
        raise request.bad_request("grouped_ratings_invalid")
    return replace(request.view, grouped=BOOLEANS[raw])


def compatible_version(
    request: ReadRequest, addon: AddonDoc, versions: Callable[[AddonDoc], list[VersionDoc]] = public_versions
) -> VersionDoc | None:
    """The newest public version of a language pack that `app` and `appversion` can use; else None.

    `versions` is called only if both are given. Raises Refusal 400.
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
