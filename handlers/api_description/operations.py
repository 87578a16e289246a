"""The description of an operation: a verb of a path. Tables in other modules have one for each."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from conf.gates import enabled
from handlers.api_description.schemas import Schema

JSON: Final = "application/json"


class Parameter(NamedTuple):
    """A parameter of the query. Lists are separated by commas; booleans and enumerations ignore case."""

    name: str
    schema: Schema
    text: str = ""
    gate: str | None = None  # in conf/gates.py, of the versions that have it
    required: bool = False

    def exists_in(self, version: str) -> bool:
        return self.gate is None or enabled(version, self.gate)

    def to_json(self) -> dict[str, Any]:
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
    """`answer` and `body` are schemas or kinds of schemas.py, or None. Without `statuses`, a success has the
    usual status of the verb.
    """

    summary: str
    answer: Schema | str | None = None
    query: tuple[Parameter, ...] = ()
    body: Schema | str | None = None
    statuses: tuple[int, ...] = ()
    errors: tuple[int, ...] = ()  # in addition to those that follow from the handler
    text: str = ""
    files: bool = False  # whether the body may be a form with files
    kind: str = JSON  # media type of the answer


Operations = Mapping[str, Mapping[str, Operation]]  # path -> verb -> its description
