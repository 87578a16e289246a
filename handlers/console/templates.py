"""The console's templates: Jinja2, every value escaped, a name that nobody gave an error."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER: Final = Path(__file__).parent / "templates"


def render(name: str, **values: Any) -> bytes:
    """A page as it is sent."""
    return _environment().get_template(name).render(**values).encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
