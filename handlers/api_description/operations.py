"""The description of one verb of a path; the tables beside this module have a row for each."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from conf.gates import enabled
from handlers.api_description.schemas import Schema

JSON: Final = "application/json"


class Parameter(NamedTuple):
    """One of the query. A list is sent with commas; booleans and enumerations may be in any case."""

    name: str
    schema: Schema
    text: str = ""
    gate: str | None = None  # of conf/gates.py: versions that have it
    required: bool = False

    def is_in(self, version: str) -> bool:
        return self.gate is None or enabled(version, self.gate)

    def described(self) -> dict[str, Any]:
        is_list = self.schema.get("type") == "array"
        return {
            "name": self.name,
            "in": "query",
            **({"description": self.text} if self.text else {}),
            **({"required": True} if self.required else {}),
            "schema": self.schema,
            **({"style": "form", "explode": False} if is_list else {}),
        }


class Operation(NamedTuple):
    """`answer` is the JSON that comes back, None where nothing does; `body` what is sent, each a schema or
    the kind of one (schemas.py). Without `statuses` a success has the usual one of its verb.
    """

    summary: str
    answer: Schema | str | None = None
    query: tuple[Parameter, ...] = ()
    body: Schema | str | None = None
    statuses: tuple[int, ...] = ()
    errors: tuple[int, ...] = ()  # beside those that follow from the resource
    text: str = ""
    files: bool = False  # the body may be a form with files
    kind: str = JSON  # media type of the answer


Operations = Mapping[str, Mapping[str, Operation]]  # path -> verb -> its description
