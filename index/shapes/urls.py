"""Addresses in answers: pages of the site, pictures, downloads (contract/addons.md 5.6)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from conf.model.addons import AddonDoc
from conf.settings.settings import Settings
from index.shapes.links import Links
from index.shapes.view import View

_PLAIN_SLUG: Final = re.compile(r"[A-Za-z0-9_.~-]+")
_DOWNLOADS: Final = "/downloads/file/"
# By size, the sizes to try in order: an icon of another size is better than none.
_ICON_ORDER: Final = {"32": ("32", "64", "128"), "64": ("64", "128", "32"), "128": ("128", "64", "32")}


@dataclass(frozen=True, slots=True)
class ShapeContext:
    """What shapes need to know of the site; addresses without a final slash."""

    site_url: str
    media_url: str
    static_url: str
    links: Links


def context_for(settings: Settings, site_url: str) -> ShapeContext:
    """The context of a site whose address is `site_url`."""
    site = site_url.rstrip("/")
    return ShapeContext(
        site_url=site,
        media_url=(settings.media_url or f"{site}/user-media").rstrip("/"),
        static_url=(settings.static_url or f"{site}/static").rstrip("/"),
        links=Links(settings.outgoing_url, settings.outgoing_secret, site),
    )


@dataclass(frozen=True, slots=True)
class UrlBases:
    """What addresses begin with, for one request language and application."""

    addon: str  # the slug follows
    user: str  # the id follows
    developers: str  # the slug follows
    review: str  # the id follows


@lru_cache(maxsize=512)
def _url_bases(site_url: str, locale: str, app: str) -> UrlBases:
    return UrlBases(
        addon=f"{site_url}/{locale}/{app}/addon/",
        user=f"{site_url}/{locale}/{app}/user/",
        developers=f"{site_url}/{locale}/developers/addon/",
        review=f"{site_url}/{locale}/reviewers/review/",
    )


def url_bases(context: ShapeContext, view: View) -> UrlBases:
    return _url_bases(context.site_url, view.printed_locale, view.printed_app)


def path_name(addon: AddonDoc) -> str:
    """The add-on's name in addresses of pages: its slug, or its id once the slug is removed."""
    slug = addon["slug"]
    if slug is None:
        return str(addon["_id"])
    return slug if _PLAIN_SLUG.fullmatch(slug) else quote(slug, safe="~")


def in_header(address: str) -> str:
    """An address as a header can carry it: other characters are quoted, what is quoted already stays."""
    return quote(address, safe="/:?#[]@!$&'()*+,;=~%")


def picture(base: str, path: str) -> str:
    """A stored picture's address: a path below the media URL, unless it is absolute."""
    if path.startswith(("https://", "http://")):
        return path
    return f"{base}{path}" if path.startswith("/") else f"{base}/{path}"


def icon(context: ShapeContext, icons: dict[str, str], size: str) -> str:
    """The icon of a size ("64"), or of the nearest one, or the default icon."""
    for candidate in _ICON_ORDER[size]:
        path = icons.get(candidate)
        if path:
            return picture(context.media_url, path)
    return f"{context.static_url}/img/addon-icons/default-{size}.png"


def download(context: ShapeContext, path: str, app: str) -> str:
    """A file's address, which has the caller's application in it as those of pages have."""
    if path.startswith(("https://", "http://")):
        return path
    start = path.find(_DOWNLOADS)
    return f"{context.site_url}/{app}{path[start:]}" if start >= 0 else f"{context.site_url}{path}"
