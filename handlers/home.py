"""`/`: describes the server and links to its parts, for people (HTML) and programs (JSON)."""

from html import escape
from typing import Final

import orjson

from conf.vocabulary import VERSIONS
from handlers.http.base import PublicResource
from handlers.http.requests import client
from server.site import Site

EXAMPLES: Final = {
    "search": "/api/v5/addons/search/?q=tab&app=firefox&lang=en-US",
    "autocomplete": "/api/v5/addons/autocomplete/?q=tab",
    "site": "/api/v5/site/",
}
EMPTY: Final = (
    "The catalogue is empty. Fill it: run.py load FILE (AMO's JSON, or a dump), or run.py serve --demo."
)
_READING: Final = "The catalogue is being read; until it is, requests are answered 503."
_ABOUT: Final = "Amoeba serves the HTTP API of addons.mozilla.org, v3, v4 and v5."
_DOCUMENTATION: Final = "https://addons-server.readthedocs.io/en/latest/topics/api/index.html"
_CONSOLE: Final = "/admin/"
_DESCRIPTIONS: Final = {f"documentation of {version}": f"/api/{version}/docs/" for version in VERSIONS}
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Amoeba</title>
<style>body {{ font: 16px/1.5 sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em }}</style>
<h1>Amoeba</h1>
<p>{about}</p>
<p>{state}</p>
<ul>
{links}
</ul>
<p>Paths of the API begin with <code>/api/v3/</code>, <code>/api/v4/</code> or <code>/api/v5/</code>.
<a href="{documentation}">AMO's documentation</a> describes them.</p>
</html>
"""


class HomeHandler(PublicResource):
    title = "Amoeba"
    works_before_ready = True

    def check_request(self) -> None:
        if not self._prefers_html():
            super().check_request()

    def _prefers_html(self) -> bool:
        return "format" not in self.request.query_arguments and client.prefers_html(
            self.request.headers.get("Accept")
        )

    def get(self) -> None:
        headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Encoding"}
        if self._prefers_html():
            html = {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            }
            self.send_body(_page(self.site).encode(), headers | html)
        else:
            summary = {
                "name": "Amoeba",
                "about": _ABOUT,
                "state": _state(self.site),
                "examples": EXAMPLES,
                "health": "/__heartbeat__",
                "documentation": _DOCUMENTATION,
                "descriptions": [f"/api/{version}/openapi.json" for version in VERSIONS],
            }
            self.send_body(orjson.dumps(summary), headers)


def _state(site: Site) -> str:
    if not site.ready:
        return _READING
    return f"{len(site.catalogue)} public add-ons." if len(site.catalogue) else EMPTY


def _page(site: Site) -> str:
    paths = {**EXAMPLES, **_DESCRIPTIONS, "health": "/__heartbeat__"}
    if site.settings.console:
        paths["console, for operators and reviewers"] = _CONSOLE
    links = (f'<li>{name}: <a href="{escape(path)}">{escape(path)}</a>' for name, path in paths.items())
    return _PAGE.format(
        about=_ABOUT, state=escape(_state(site)), links="\n".join(links), documentation=_DOCUMENTATION
    )
