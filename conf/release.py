"""Which release of the program this is; `pyproject.toml` says the same."""

from typing import Final

RELEASE: Final = "0.1.0"
