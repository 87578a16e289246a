"""Bodies of abuse reports (contract/extras.md 2).

    fields = read_report("addon", {"message": "It opens windows.", "reason": "damage"})

Pure; any thread. Raises Invalid.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from conf.limits import MAX_CLIENT_ID, MAX_EMAIL, MAX_REPORT, MAX_REPORT_TEXT
from conf.model import reports as vocabulary
from server.rules.faults import Fault, Invalid, field_fault
from server.rules.fields import (
    FieldReader,
    WrongValue,
    choice,
    nullable,
    plain_text,
    read_fields,
    string,
    with_schema,
    wrong_value,
)
from server.rules.values.dates import date
from server.rules.values.links import check_email

_HEX: Final = re.compile("[0-9a-fA-F]*")
_TEXT: Final = nullable(string(MAX_REPORT_TEXT, blank=True))


def read_report(target: str, sent: Mapping[str, Any]) -> dict[str, str]:
    """The fields to store, without empty ones."""
    has_reason = sent.get("reason") not in (None, "")
    readers = fields(target, has_reason=has_reason)
    values = read_fields(readers, sent, required=() if has_reason else ("message",))
    _check_illegal(values, sent)
    if target == "addon":
        values["app"] = values.get("app") or vocabulary.REPORTING_APPS[0]
    names = (*vocabulary.COMMON_FIELDS, *vocabulary.TARGET_FIELDS[target])
    return {name: value for name in names if (value := values.get(name))}


def read_target(target: str, value: Any) -> str:
    """The identifier of the target. Raises Invalid."""
    if value is None or value == "":
        raise field_fault(target, "required")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise field_fault(target, "not_a_string")
    return str(value)


def fields(target: str, *, has_reason: bool) -> dict[str, FieldReader]:
    """The readers of a report; one without a reason needs a message."""
    names = (*vocabulary.COMMON_FIELDS, *vocabulary.TARGET_FIELDS[target])
    readers = {name: _READERS.get(name, _TEXT) for name in names if name != "message"}
    readers["reason"] = nullable(choice(vocabulary.REASONS[target]))
    readers["message"] = nullable(_lenient_message) if has_reason else _message
    return readers


def _check_illegal(values: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    category, subcategory = values.get("illegal_category"), values.get("illegal_subcategory")
    names = {"illegal_category": category, "illegal_subcategory": subcategory}
    if values.get("reason") != vocabulary.ILLEGAL:
        misplaced = {name: [Fault("report_not_illegal")] for name, value in names.items() if value}
        if misplaced:
            raise Invalid(misplaced)
        return
    missing = {name: [Fault("required")] for name, value in names.items() if value is None}
    if missing:
        raise Invalid(missing)
    if subcategory not in (vocabulary.OTHER, *vocabulary.ILLEGAL_CATEGORIES[str(category)]):
        raise field_fault("illegal_subcategory", "report_subcategory")


def _message_reader(*, blank: bool) -> FieldReader:
    def reader(value: Any) -> str:
        text = plain_text(value)
        if not (text or blank):
            raise wrong_value("blank")
        if len(text) > MAX_REPORT:
            raise wrong_value("report_too_long", limit=MAX_REPORT)
        return text

    return with_schema(type="string", maxLength=int(MAX_REPORT), minLength=0 if blank else 1)(reader)


_message: Final = _message_reader(blank=False)
_lenient_message: Final = _message_reader(blank=True)


def _lenient_choice(names: Collection[str]) -> FieldReader:
    """Reads one of `names` in any of the clients' spellings; an unknown value becomes `other`."""

    def reader(value: Any) -> str:
        if isinstance(value, list | dict):
            fault = WrongValue()
            fault.faults = Fault("invalid_value")  # the answer has the text alone, not in a list
            raise fault
        name = str(value)[:MAX_REPORT_TEXT].strip().lower().replace(":", "_").replace("-", "_")
        return name if name in names else vocabulary.OTHER

    return with_schema(type="string", examples=list(names))(reader)


@with_schema(type="string", enum=list(vocabulary.SIGNATURES))
def _signature(value: Any) -> Any:
    """Reads a signature; clients may append a value that they do not know, as in `unknown: 7`."""
    if isinstance(value, str) and value.startswith("unknown"):
        return "unknown"
    return choice(vocabulary.SIGNATURES)(value)


@with_schema(type="string", maxLength=int(MAX_CLIENT_ID), pattern=f"^{_HEX.pattern}$")
def _client_id(value: Any) -> Any:
    text = string(MAX_CLIENT_ID, blank=True)(value)
    if not _HEX.fullmatch(text):
        raise wrong_value("invalid_value")
    return text


_READERS: Final[dict[str, FieldReader]] = {
    name: nullable(reader)
    for name, reader in {
        "reporter_email": string(MAX_EMAIL, blank=True, check=check_email),
        "illegal_category": choice(vocabulary.ILLEGAL_CATEGORIES),
        "illegal_subcategory": choice(vocabulary.ILLEGAL_SUBCATEGORIES),
        "addon_install_method": _lenient_choice(vocabulary.INSTALL_METHODS),
        "addon_install_source": _lenient_choice(vocabulary.INSTALL_SOURCES),
        "addon_signature": _signature,
        "app": choice(vocabulary.REPORTING_APPS),
        "client_id": _client_id,
        "install_date": date,
        "report_entry_point": choice(vocabulary.ENTRY_POINTS),
        "location": choice(vocabulary.LOCATIONS),
    }.items()
}
