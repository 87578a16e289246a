"""What validation says of a package, by code: `validation.toml` (contract/uploads.md 4).

    LINTED["HIDDEN_FILE"].kind     -> "warning"

Texts are English in every language, as programs that publish print them. What the linter
says in the same case has its code and its words.
"""

from typing import Final, NamedTuple

from conf.tables import read_table


class Saying(NamedTuple):
    kind: str  # "error", "warning", "notice"
    text: str  # with placeholders of str.format
    description: str = ""


_TABLES: Final = {
    table: {code: Saying(*row) for code, row in rows.items()}
    for table, rows in read_table("validation.toml").items()
}
OWN: Final[dict[str, Saying]] = _TABLES["own"]  # found by the server itself
LINTED: Final[dict[str, Saying]] = _TABLES["linted"]  # found by the linter too
# How the run itself ended.
TIMED_OUT: Final = ("validator", "unexpected_exception", "validation_timeout")
CRASHED: Final = ("validator", "unexpected_exception")
# Codes of the server's own that callers are shown; others are "".
PUBLIC_CODES: Final = frozenset({"unsupported_filetype", "not_scanned", "api_key_detected"})
