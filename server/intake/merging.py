"""Merges states of an add-on into the stored document.

    addon = merge_states(stored, [state])     # a new document, or `stored` itself

Public JSON shows an add-on at one moment, with one version. Several states, loaded in any order, have to
result in the same document:

* the newest state gives the add-on's fields: by `last_updated`, then by the number of ratings (states with
  the same `last_updated` were asked for at different times), then the one that is loaded later;
* versions accumulate by id; of two states of a version the one with the later `modified` counts; a version
  that was the current one, and then an older one was, is disabled;
* a state that was read just now (`is_fresh`) is newer than anything; one with all public versions
  (`has_all_versions`) disables the others;
* a null of a detail (`is_detail`) leaves a stored text that no detail shows;
* what public JSON does not have (pending authors, review state, unlisted versions, roles, notes) stays.

Pure functions, which change no argument.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from conf.locales import DEFAULT_LOCALE
from conf.model.addons import AddonDoc, FileDoc, RatingsDoc, UserDoc, VersionDoc
from conf.model.defaults import completed
from index.facts import is_public_version, newest_first
from index.shapes.html import as_text
from index.shapes.translated_fields import best_locale, has_text
from server.intake.addons import HINTS, TRANSLATED, URLS
from server.intake.authors import auth_id
from server.intake.records import AddonState
from server.intake.texts import is_amo
from server.intake.versions import number_in_name

MutableDocument = dict[str, Any]
_HINTED: Final = frozenset(field for field, _ in HINTS.values())
# Texts of an add-on that searches show.
_SEARCHED: Final = tuple(field for field in (*TRANSLATED, *URLS) if field not in _HINTED)
_WITHDRAWN: Final = "disabled"


def merge_user_states(stored: MutableDocument | None, states: Sequence[MutableDocument]) -> MutableDocument:
    """A UserDoc with what add-ons show of their author; `stored` itself if nothing is new."""
    merged = stored
    for state in sorted(states, key=lambda state: str(state["modified"])):
        merged = _merge_user(merged, state)
    assert merged is not None, "at least one state"
    return _next_revision(stored, merged)


def _merge_user(stored: MutableDocument | None, incoming: MutableDocument) -> MutableDocument:
    if stored is None:
        return completed({"auth_id": auth_id(incoming["_id"]), **incoming}, UserDoc)
    newer = incoming["modified"] >= stored["modified"]
    return stored | (incoming if newer else {}) | {"created": min(stored["created"], incoming["created"])}


def merge_states(stored: MutableDocument | None, states: Sequence[AddonState]) -> MutableDocument:
    """An AddonDoc with more states of it, as one new revision; `stored` itself if nothing is new."""
    merged = stored
    for state in sorted(states, key=lambda item: (item.as_of, item.addon.get("ratings", {}).get("count", 0))):
        merged = merge_addon(merged, state)
    assert merged is not None, "at least one state"
    return _next_revision(stored, merged)


def _next_revision(stored: MutableDocument | None, merged: MutableDocument) -> MutableDocument:
    """`stored` if they are equal, else `merged` as its next revision."""
    if stored is None or merged == stored:
        return merged if stored is None else stored
    return merged | {"revision": stored.get("revision", 0) + 1}


def merge_addon(stored: MutableDocument | None, incoming: AddonState) -> MutableDocument:
    """An AddonDoc with one more state of it, and the same revision."""
    if stored is None:
        return _new_addon(incoming)
    if incoming.is_detail:
        incoming = _keep_hidden_texts(stored, incoming)
    newer = _is_newer(incoming, stored)
    merged = _merge_fields(stored, incoming.addon) if newer else dict(stored)
    merged["created"] = min(stored["created"], incoming.addon["created"])
    versions = _merge_versions(stored["versions"], incoming, newer)
    withdraw = _withdraw_missing if incoming.has_all_versions else _withdraw_superseded
    merged["versions"] = _newest_first(withdraw(versions, incoming))
    return merged


def _is_newer(incoming: AddonState, stored: MutableDocument) -> bool:
    """Whether this state is later than the stored one."""
    if incoming.is_fresh:
        return True
    last_updated = stored["last_updated"] or ""
    if incoming.as_of != last_updated:
        return incoming.as_of > last_updated
    if stored["modified"] > incoming.as_of or "ratings" not in incoming.addon:
        # It was changed here since, so that the ratings may be our own, and cannot be compared with AMO's.
        return True
    return incoming.addon["ratings"]["count"] >= stored["ratings"]["count"]


def _keep_hidden_texts(stored: MutableDocument, detail: AddonState) -> AddonState:
    """The detail with the stored texts that no detail shows in place of its nulls."""
    default = detail.addon["default_locale"]

    def filled(update: MutableDocument, old: MutableDocument, fields: Sequence[str]) -> MutableDocument:
        hidden = (item for item in fields if item in update and update[item] is None)
        return update | {item: old[item] for item in hidden if _is_hidden(old.get(item), default)}

    def all_filled(key: str, update: list[MutableDocument], field: str) -> list[MutableDocument]:
        old = {item["id"]: item for item in stored[key]}
        return [filled(item, old.get(item["id"], {}), (field,)) for item in update]

    addon = filled(detail.addon, stored, _SEARCHED)
    if "previews" in addon:
        addon["previews"] = all_filled("previews", addon["previews"], "caption")
    return replace(detail, addon=addon, versions=all_filled("versions", detail.versions, "release_notes"))


def _is_hidden(texts: MutableDocument | None, default: str) -> bool:
    """Whether a detail has null for these texts (contract/requests.md 7.1)."""
    return has_text(texts) and best_locale(texts, DEFAULT_LOCALE, default) is None


def _new_addon(incoming: AddonState) -> MutableDocument:
    modified = max(incoming.as_of, incoming.addon["created"])
    versions = _newest_first([_new_version(version) for version in incoming.versions])
    return completed({**incoming.addon, "modified": modified, "versions": versions}, AddonDoc)


def _merge_fields(stored: MutableDocument, update: MutableDocument) -> MutableDocument:
    """The stored add-on with updated fields; parts of a field that JSON does not have stay."""
    merged = stored | {
        key: value
        for key, value in update.items()
        if key not in _HINTED or not _is_redundant_hint(stored[key], value)
    }
    merged["ratings"] = _merge_ratings(stored["ratings"], update.get("ratings", {}))
    if "authors" in update:
        merged["authors"] = merge_authors(stored["authors"], update["authors"])
    merged["modified"] = max(stored["modified"], update["last_updated"] or "")
    merged["last_updated"] = update["last_updated"] or stored["last_updated"]
    return merged


def _is_redundant_hint(stored: MutableDocument | None, value: MutableDocument | None) -> bool:
    """Whether `value` is only the address of a text that we have."""
    return bool(value and stored) and _is_hint(value) and not _is_hint(stored)


def _is_hint(value: MutableDocument | None) -> bool:
    return all(is_amo(as_text(text)) for text in (value or {}).values())


def _merge_ratings(stored: MutableDocument, update: MutableDocument) -> MutableDocument:
    """The updated ratings; the counts of each score stay as stored while they add up."""
    ratings = stored | update
    if "grouped_counts" not in update and sum(stored["grouped_counts"].values()) != ratings["count"]:
        ratings["grouped_counts"] = completed({}, RatingsDoc)["grouped_counts"]
    return ratings


def merge_authors(stored: list[MutableDocument], listed: list[MutableDocument]) -> list[MutableDocument]:
    """The listed authors, with their stored roles; then the stored unlisted ones."""
    roles = {author["user_id"]: author["role"] for author in stored}
    authors = [author | {"role": roles.get(author["user_id"], author["role"])} for author in listed]
    listed_ids = {author["user_id"] for author in authors}
    hidden = [author for author in stored if not author["listed"] and author["user_id"] not in listed_ids]
    return authors + [author | {"position": len(authors) + index} for index, author in enumerate(hidden)]


def _merge_versions(
    stored: list[MutableDocument], incoming: AddonState, newer: bool
) -> list[MutableDocument]:
    """Stored and incoming versions; `newer` decides between states with the same date."""
    versions = {version["id"]: version for version in stored}
    for version in incoming.versions:
        old = versions.get(version["id"])
        if old is None:
            merged = _new_version(version)
        elif incoming.is_fresh or (version["modified"], newer) >= (old["modified"], True):
            merged = old | version | {"files": _merge_files(old["files"], version["files"])}
            merged["license"] = _keep_license_text(old["license"], merged["license"])
        else:
            continue
        withdrawn = not incoming.is_fresh and _is_superseded(merged, stored)
        versions[version["id"]] = _withdraw(merged) if withdrawn else merged
    return list(versions.values())


def _keep_license_text(
    stored: MutableDocument | None, update: MutableDocument | None
) -> MutableDocument | None:
    """The updated licence, with the stored text if the answer omits it (contract/addons.md 6.3)."""
    if stored and update and stored["id"] == update["id"] and update["text"] is None:
        return update | {"text": stored["text"]}
    return update


def _is_superseded(version: MutableDocument, stored: list[MutableDocument]) -> bool:
    """Whether an older version was the current one later."""
    created, modified = version["created"], version["modified"]
    return _is_public(version) and any(
        other["created"] < created and other["modified"] > modified and _is_public(other) for other in stored
    )


def _withdraw_superseded(versions: list[MutableDocument], incoming: AddonState) -> list[MutableDocument]:
    """Disable public versions that are newer than the current one of a later state.

    They were current before it and then no longer, so AMO withdrew them.
    """
    current = next((version for version in versions if version["id"] == incoming.current), None)
    if current is None or not _is_public(current):
        return versions
    return [
        _withdraw(version)
        if version["created"] > current["created"]
        and version["modified"] < incoming.as_of
        and _is_public(version)
        else version
        for version in versions
    ]


def _withdraw_missing(versions: list[MutableDocument], incoming: AddonState) -> list[MutableDocument]:
    """Disable public listed versions that a state with all versions does not have."""
    ids = {version["id"] for version in incoming.versions}
    return [
        version
        if version["id"] in ids or version["channel"] != "listed" or not _is_public(version)
        else _withdraw(version)
        for version in versions
    ]


def _new_version(update: MutableDocument) -> MutableDocument:
    version = completed({"version": "", **update}, VersionDoc)
    version["version"] = version["version"] or number_in_name(version["files"])
    return version


def _merge_files(stored: list[MutableDocument], update: list[MutableDocument]) -> list[MutableDocument]:
    old = {file["id"]: file for file in stored}
    return [completed(old.get(file["id"], {}) | file, FileDoc) for file in update]


def _newest_first(versions: list[MutableDocument]) -> list[MutableDocument]:
    return cast(list[MutableDocument], newest_first(cast(list[VersionDoc], versions)))


def _is_public(version: MutableDocument) -> bool:
    return is_public_version(cast(VersionDoc, version))


def _withdraw(version: MutableDocument) -> MutableDocument:
    return version | {"files": [file | {"status": _WITHDRAWN} for file in version["files"]]}
