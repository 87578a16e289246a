"""Updates of add-ons for applications, in JSON or RDF (contract/updates.md).

    query = UpdateQuery("firefox", version_number("119.0"), "normal", "WINNT")
    newest_compatible(releases, query)        -> the newest that fits, or None
    update(context, Offer(releases.name, release, query.app, query.system))

Pure functions, safe from any thread.
"""

from typing import Any, Final, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import orjson

from conf.appversion import version_number
from conf.vocabulary import APPS
from index.shapes.urls import ShapeContext, download
from index.updates import Release, Releases, Span

NOTHING: Final = b"{}"  # for an unknown add-on
_LOCALE: Final = "%APP_LOCALE%"  # the client puts its language there
_RDF: Final = (
    '<?xml version="1.0"?>\n<RDF:RDF xmlns:RDF="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:em="http://www.mozilla.org/2004/em-rdf#">%s</RDF:RDF>\n'
)
_KINDS: Final = {
    "language": "item",
    "search": "search",
    "theme": "theme",
    "persona": "theme",
    "statictheme": "theme",
}


class UpdateQuery(NamedTuple):
    """What an application says about itself when it looks for an update."""

    app: str  # "firefox"
    version: int  # as in conf/appversion.py
    mode: str  # `compatMode`: "strict", "normal", anything else as "ignore"
    system: str  # `appOS`


def newest_compatible(releases: Releases, query: UpdateQuery) -> Release | None:
    """The newest version that the application can use."""
    return next((release for release in releases.useful if _is_compatible(release, query)), None)


def _is_compatible(release: Release, query: UpdateQuery) -> bool:
    span = release.span(query.app)
    if span is None or version_number(span[0]) > query.version:
        return False
    if query.mode == "strict" or (query.mode == "normal" and release.is_strict):
        return version_number(span[1]) >= query.version
    return True


class Offer(NamedTuple):
    """A version, and the application that it is offered to."""

    name: str  # of the add-on, in addresses
    release: Release
    app: str
    system: str = ""  # the operating system

    @property
    def span(self) -> Span:
        span = self.release.span(self.app)
        assert span is not None
        return span


def update(context: ShapeContext, offer: Offer) -> dict[str, Any]:
    """An entry of a manifest's `updates`."""
    release, file = offer.release, offer.release.file(offer.system)
    low, high = offer.span
    gecko = {"strict_min_version": low}
    if release.is_strict:
        gecko["strict_max_version"] = high
    shape = {
        "version": release.number,
        "update_link": download(context, file.url, offer.app),
        "applications": {"gecko": gecko},
    }
    if file.hash:
        shape["update_hash"] = file.hash
    if release.has_notes:
        page = f"{context.site_url}/{_LOCALE}/{offer.app}/addon/{offer.name}"
        shape["update_info_url"] = f"{page}/versions/{quote(release.number)}/updateinfo/"
    return shape


def manifest(guid: str, updates: list[dict[str, Any]]) -> bytes:
    """The update manifest; `guid` as the client spelled it, because it looks for that spelling."""
    return orjson.dumps({"addons": {guid: {"updates": updates}}})


def rdf(context: ShapeContext, guid: str, addon_type: str | None, offer: Offer | None) -> bytes:
    """The older form; `addon_type` is None for an unknown add-on."""
    if addon_type is None:
        return (_RDF % "").encode()
    urn = f"urn:mozilla:{_KINDS.get(addon_type, 'extension')}:{guid}"
    if offer is None:
        return (_RDF % _description(urn, "<em:updates><RDF:Seq></RDF:Seq></em:updates>")).encode()
    shape, release = update(context, offer), f"{urn}:{offer.release.number}"
    target = {
        "id": APPS[offer.app].guid,
        "minVersion": offer.span[0],
        "maxVersion": offer.span[1],
        "updateLink": shape["update_link"],
        "updateHash": shape.get("update_hash"),
        "updateInfoURL": shape.get("update_info_url"),
    }
    elements = "".join(f"<em:{name}>{escape(text)}</em:{name}>" for name, text in target.items() if text)
    updates = f"<em:updates><RDF:Seq><RDF:li resource={quoteattr(release)}/></RDF:Seq></em:updates>"
    description = (
        f"<em:version>{escape(shape['version'])}</em:version>"
        f"<em:targetApplication><RDF:Description>{elements}</RDF:Description></em:targetApplication>"
    )
    return (_RDF % (_description(urn, updates) + _description(release, description))).encode()


def _description(urn: str, content: str) -> str:
    return f"<RDF:Description about={quoteattr(urn)}>{content}</RDF:Description>"
