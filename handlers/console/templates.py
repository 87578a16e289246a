"""The console's templates, in Jinja2, which escapes every value and raises for undefined names.

Filters: `duration` (of seconds), `size` (of bytes), `moment` (of seconds since 1970); units.py.
"""

import asyncio
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from handlers.console.units import duration, moment, size

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER: Final = Path(__file__).parent / "templates"


def render(template: str, /, **values: Any) -> bytes:
    """The page's HTML, encoded."""
    return _environment().get_template(template).render(**values).encode()


async def load() -> None:
    """Compile all templates once, in a thread because that takes too long for the event loop."""
    if not are_loaded():
        await asyncio.to_thread(_environment)


def are_loaded() -> bool:
    return _environment.cache_info().currsize > 0


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": duration, "size": size, "moment": moment}
    for name in environment.list_templates():
        environment.get_template(name)
    return environment
