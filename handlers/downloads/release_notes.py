"""The page of an update's `update_info_url`: release notes that the client shows (contract/updates.md 10)."""

import re
from html import unescape
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from conf.locales import normalise
from handlers.addons.page import public_addon
from handlers.downloads.updates import MAX_AGE
from handlers.http.base import SitePage
from handlers.http.replies.errors import Refusal
from handlers.http.requests.request import Answer, ReadRequest
from index.shapes.translated_fields import best, fallback_locale
from index.shapes.urls import in_header, path_name

_HEADERS: Final = {"Content-Type": "application/xhtml+xml", "Vary": "Accept-Encoding"}
_PAGE: Final = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>%s</title></head><body><p>%s</p></body></html>\n'
)
_HTML_ENTITY: Final = re.compile("&(?!(?:amp|lt|gt|quot);)#?[0-9A-Za-z]{1,32};")  # not defined in XML
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def release_notes(request: ReadRequest, locale: str, app: str, name: str, number: str) -> Answer:
    """Raises Refusal 301, 404, 451."""
    addon_id = public_addon(request, name)
    if addon_id is None:
        raise request.not_found()
    documents = request.documents
    addon = documents.addon(addon_id)
    if name.lower() != (addon["slug"] or name).lower():
        location = f"/{locale}/{app}/addon/{path_name(addon)}/versions/{quote(number, safe='+*')}/updateinfo/"
        raise Refusal(301, {}, {"Location": in_header(location)})
    version = next(
        (version for version in documents.versions(addon_id) if version["version"] == number), None
    )
    if version is None:
        raise request.not_found()
    notes, default = version["release_notes"], addon["default_locale"]
    text = best(notes, normalise(locale) or default, fallback_locale(notes, default)) or ""
    text = request.site.shapes["v5"].context.links.wrap_all(text)
    return Answer(_page(version["version"], text), max_age=MAX_AGE, headers=_HEADERS)


def _page(title: str, text: str) -> bytes:
    """The page as XML; `text` is sanitized HTML, whose tags are closed."""
    text = _HTML_ENTITY.sub(lambda entity: escape(unescape(entity[0])), text)
    text = _NOT_IN_XML.sub("", text).replace("\n", "<br/>")
    return (_PAGE % (escape(title), text)).encode()


class ReleaseNotesHandler(SitePage):
    title = "Release Notes"
    page = staticmethod(release_notes)
