"""Bodies of scanners about a version (contract/reviewers.md 7). Pure; any thread. Raises Invalid.

version_id, results = read_new({"version_id": 10, "results": {}})
results = read_update({"results": {"version": "1.2", "matchedRules": ["eval"]}})
"""

from collections.abc import Mapping
from typing import Any, Final

from conf.limits import MAX_FAULTS, MAX_RULES
from conf.model.reviewers import BAD, GOOD
from server.rules.faults import Fault, Invalid
from server.rules.fields import (
    FieldReader,
    integer,
    read_fields,
    read_items,
    sent_list,
    sent_object,
    wrong_value,
)

_RULES: Final = "matchedRules"


def read_new(sent: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """The version's id and the results; `{}` while the scan is running."""
    readers = {"version_id": integer(1), "results": _results(allow_empty=True)}
    _check_expected(sent, readers)
    values = read_fields(readers, sent, required=readers)
    return values["version_id"], values["results"]


def read_update(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The results."""
    readers = {"results": _results(allow_empty=False)}
    _check_expected(sent, readers)
    results: dict[str, Any] = read_fields(readers, sent, required=readers)["results"]
    return results


def _check_expected(sent: Mapping[str, Any], readers: Mapping[str, FieldReader]) -> None:
    unexpected = [name for name in sent if name not in readers]
    if unexpected:
        raise Invalid({name: [Fault("unexpected_field")] for name in unexpected[:MAX_FAULTS]})


def _results(*, allow_empty: bool) -> FieldReader:
    def reader(value: Any) -> dict[str, Any]:
        results = sent_object(value)
        if results or not allow_empty:
            _check_results(results)
        return results

    return reader


def _check_results(results: dict[str, Any]) -> None:
    for name in ("version", _RULES):
        if name not in results:
            raise wrong_value("property_required", name=name)
    if not isinstance(results["version"], str):
        raise wrong_value("property_type", value=results["version"], type="string")
    matched = set(read_items(_rule, sent_list(results[_RULES], MAX_RULES)))
    annotations = results.get("annotations", {})
    if not isinstance(annotations, dict):
        raise wrong_value("property_type", value=annotations, type="object")
    if not annotations.keys() <= matched:
        raise wrong_value("annotation_unmatched", keys=sorted(annotations.keys() - matched))
    for notes in annotations.values():
        if not isinstance(notes, list) or not all(isinstance(note, dict) for note in notes):
            raise wrong_value("property_type", value=notes, type="array")


def _rule(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong_value("property_type", value=value, type="string")
    return value


def is_complete(results: Mapping[str, Any] | None) -> bool:
    """Whether the scan has ended."""
    return results is not None and _RULES in results


def initial_label(version: Mapping[str, Any], *, blocked: bool) -> str | None:
    """The label by people's decisions: `bad` for a blocked version, `good` for an approved one, else None."""
    if blocked:
        return BAD
    approved = version["human_reviewed"] and any(file["status"] == "public" for file in version["files"])
    return GOOD if approved else None
