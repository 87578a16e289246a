"""The list browsers show in their add-on manager (contract/clients.md 1): `/discovery/`.

No pages. `edition` chooses a list, any other parameter of the browsers is
ignored (`telemetry-client-id`); an add-on that is not public has no item.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from conf.model.addons import AddonDoc, Translated
from conf.model.curated import DiscoveryDoc
from handlers.http.base import public_page
from handlers.http.request import Answer, ReadRequest, json_answer
from index.shapes.html import as_text
from index.shapes.translated_fields import best
from index.shapes.view import View
from server.site import Site


def discovery(site: Site, request: ReadRequest) -> Answer:
    items = list(_items(site, request))
    return json_answer({"count": len(items), "results": items})


def _items(site: Site, request: ReadRequest) -> Iterator[dict[str, Any]]:
    documents = site.catalogue.documents
    shapes = site.shapes[request.view.version]
    for item in site.curated.find_discovery(request.params.get("edition", "")):
        if site.catalogue.is_listed(item["addon_id"]):
            addon = documents.addon(item["addon_id"])
            heading, description = _texts(item, addon, request.view)
            row = None
            if addon["type"] != "statictheme":
                row = orjson.Fragment(documents.rows([item["addon_id"]], request.view)[0])
            yield shapes.discovery_item(
                addon,
                documents.users,
                request.view,
                heading_text=heading,
                description_text=description,
                is_recommendation=item["is_recommendation"],
                row=row,
            )


def _texts(item: DiscoveryDoc, addon: AddonDoc, view: View) -> tuple[str, str]:
    """Heading and description; plain in every version, as browsers show them so."""

    def text(own: Translated | None, usual: Translated | None) -> str:
        return best(own or usual, view.language, addon["default_locale"]) or ""

    described = text(item["description"], addon["summary"])
    return text(item["heading"], addon["name"]), described if item["description"] else as_text(described)


DiscoveryHandler = public_page("Discovery", discovery)
