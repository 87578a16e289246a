"""The messages about packages, by code: `validation.toml` (contract/uploads.md 4).

    LINTER_MESSAGES["HIDDEN_FILE"].kind     -> "warning"

Texts are always English, because they are printed by programs that publish. Where the
linter has a message for the same fault, code and text are the linter's.
"""

from typing import Final, NamedTuple

from conf.tables import read_table


class ValidationMessage(NamedTuple):
    kind: str  # "error", "warning", "notice"
    text: str  # with placeholders of str.format
    description: str = ""


_TABLES: Final = {
    table: {code: ValidationMessage(*row) for code, row in rows.items()}
    for table, rows in read_table("validation.toml").items()
}
# About faults that only the server finds, and about those that the linter finds as well.
SERVER_MESSAGES: Final[dict[str, ValidationMessage]] = _TABLES["own"]
LINTER_MESSAGES: Final[dict[str, ValidationMessage]] = _TABLES["linted"]
# Ids of messages about a validation that failed.
TIMED_OUT: Final = ("validator", "unexpected_exception", "validation_timeout")
CRASHED: Final = ("validator", "unexpected_exception")
# Codes of the server's own messages that answers contain; for others it is "".
PUBLIC_CODES: Final = frozenset({"unsupported_filetype", "not_scanned", "api_key_detected"})
