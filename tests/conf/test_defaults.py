"""Defaults of the model: of its keys, of their types, in its order, and nobody's own."""

from typing import Any, get_type_hints

import msgspec
import pytest

from conf.model.addons import AddonDoc, UserDoc
from conf.model.defaults import DEFAULTS, completed


@pytest.mark.parametrize("model", DEFAULTS, ids=lambda model: model.__name__)
def test_defaults_are_what_the_model_allows(model: Any) -> None:
    hints = get_type_hints(model)
    assert DEFAULTS[model].keys() <= hints.keys()
    filled = completed({}, model)
    assert list(filled) == [key for key in hints if key in filled]
    for key, value in filled.items():
        msgspec.convert(value, hints[key])


def test_inner_documents_are_completed_and_what_is_not_of_the_model_stays_last() -> None:
    addon = completed(
        {"more": 1, "versions": [{"id": 10, "files": [{"id": 5}]}], "ratings": {"count": 3}}, AddonDoc
    )
    [version] = addon["versions"]
    assert (version["channel"], version["reviewed"], "created" in version) == ("listed", None, False)
    assert version["files"][0]["platform"] == "all"
    assert (addon["ratings"]["count"], addon["ratings"]["average"]) == (3, 0.0)
    assert list(addon)[-1] == "more"


def test_a_default_is_given_out_anew_each_time() -> None:
    completed({}, UserDoc)["permissions"].append("*:*")
    assert completed({}, UserDoc)["permissions"] == []
