"""Answers of the demonstration server match their schemas, without further keys."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from orjson import dumps

from conf.vocabulary import VERSIONS
from handlers.api_description.document import document
from handlers.api_description.rows import find_row
from handlers.http.route import Route
from handlers.urls import ROUTES
from server.demo.people import FIRST_USER
from tests.client import Client
from tests.handlers.api_description.strict import checker
from tests.handlers.test_demo_reads import READS, first, table
from tests.program import Program
from tests.shell_commands import Shell

TOO_MANY = 5  # faults told of one version
MORE = (
    *(f"addons/search/?page={page}&page_size=50" for page in range(1, 9)),
    "addons/search/?q=tab&suggest=true&lang=de",
    "addons/search/?type=statictheme&lang=fr&app=android",
    "addons/autocomplete/?q=a&lang=de",
    "addons/language-tools/?app=firefox&appversion=120.0&type=language",
    "addons/language-tools/?app=firefox&lang=de",
    "addons/featured/?app=firefox&page_size=250",
    "addons/categories/?lang=de",
    "hero/primary/?raw&all=true",
    "shelves/?lang=de",
    *(
        f"addons/addon/{first()['_id']}/?{more}"
        for more in ("show_grouped_ratings=true", "lang=de", "lang=xx")
    ),
    f"addons/addon/{first()['_id']}/versions/?lang=de",
    f"ratings/rating/?addon={first()['_id']}&show_grouped_ratings=1",
    f"accounts/account/{FIRST_USER}/collections/favourites/?with_addons&lang=de",
)


@pytest.fixture(scope="module")
def tokens(server: Program) -> Callable[[int], str]:
    folder = Path(server.words[server.words.index("--data-dir") + 1])
    return cache(lambda user_id: Shell(folder, server.env)("token", str(user_id)))


def reads(version: str) -> Iterator[tuple[str, int | None]]:
    """A path below the version's own, and who asks."""
    for endpoint, served in table():
        if served == version:
            yield from (read() for read in READS[endpoint])
    yield from ((path, None) for path in MORE)


def route_of(path: str) -> Route:
    place = path.partition("?")[0]
    return next(route for route in ROUTES if re.fullmatch(route.path, place))


@pytest.mark.parametrize("version", VERSIONS)
def test_answers_are_as_described(client: Client, tokens: Callable[[int], str], version: str) -> None:
    described_api = json.loads(dumps(document(ROUTES, version)))
    checked = cache(lambda path: checker(_schema(described_api, path), described_api))
    faults: list[str] = []
    for path, who in reads(version):
        path = path.replace("ratings/rating/", "reviews/review/") if version == "v3" else path
        described = f"/{find_row(route_of(path)).path}"
        if described not in described_api["paths"]:
            continue
        headers = {"Authorization": f"Bearer {tokens(who)}"} if who else {}
        answer = client.get(f"/api/{version}/{path}", headers=headers)
        assert answer.status == 200, path
        faults += (
            f"{path}: {'/'.join(map(str, fault.instance_path))}: {fault.message[:200]}"
            for fault in checked(described).iter_errors(answer.json)
        )
    assert not faults[:TOO_MANY], "see handlers/api_description/objects.py and addon_objects.py"


def _schema(made: dict[str, Any], path: str) -> Any:
    [content] = made["paths"][path]["get"]["responses"]["200"]["content"].values()
    return content["schema"]
