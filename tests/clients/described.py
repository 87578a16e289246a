"""A client that knows nothing of the API but its description: paths, parameters and what is answered.

api = Described("http://127.0.0.1:8000/api/v5/openapi.json")
api.get("/addons/addon/{addon}/", addon="tree@example.org", lang="de")["name"]
"""

from contextlib import closing
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from tests.client import Answer, Client
from tests.handlers.api_description.strict import checker


class Described:
    """By the document at an address."""

    def __init__(self, address: str) -> None:
        self._base = "{0.scheme}://{0.netloc}".format(urlsplit(address))
        self._document = self._fetch(address.removeprefix(self._base)).json
        self._root = urlsplit(urljoin(address, self._document["servers"][0]["url"])).path

    def get(self, path: str, **values: str) -> Any:
        """The answer's document. AssertionError for a parameter or an answer that is not described."""
        item = self._document["paths"][path]
        described = [*item.get("parameters", ()), *item["get"].get("parameters", ())]
        places = {one["name"]: one["in"] for one in map(self._resolve, described)}
        assert values.keys() <= places.keys(), "no such parameter"
        in_path = {name: quote(values[name], safe="") for name in values if places[name] == "path"}
        query = urlencode({name: value for name, value in values.items() if places[name] == "query"})
        answer = self._fetch(f"{self._root}{path.format(**in_path)}?{query}")
        described_answer = self._resolve(item["get"]["responses"][str(answer.status)])
        schema = described_answer["content"][answer.headers["Content-Type"]]["schema"]
        checker(schema, self._document).validate(answer.json)
        return answer.json

    def _resolve(self, value: dict[str, Any]) -> dict[str, Any]:
        """What a reference leads to."""
        if "$ref" not in value:
            return value
        place: Any = self._document
        for name in value["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        return self._resolve(place)

    def _fetch(self, target: str) -> Answer:
        with closing(Client(self._base)) as client:
            return client.get(target)
