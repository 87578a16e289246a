"""The API versions and their shapes."""

from typing import Final

from index.shapes.shape import Shapes
from index.shapes.urls import ShapeContext
from index.shapes.v3 import V3
from index.shapes.v4 import V4
from index.shapes.v5 import V5

SHAPES: Final[dict[str, type[Shapes]]] = {shapes.version_name: shapes for shapes in (V3, V4, V5)}


def shapes_for(version: str, context: ShapeContext) -> Shapes:
    """The shapes of "v3", "v4" or "v5"; KeyError for any other word."""
    return SHAPES[version](context)
