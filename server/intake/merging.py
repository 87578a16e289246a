"""Bringing a state of an add-on together with what is stored.

    addon = merge_states(stored, [parsed])     # a new document, or `stored` itself

Public JSON shows one moment and one version. Loading several moments, in any
order, has to end in the same document:

* the newest moment gives the add-on's fields: by `last_updated`, then by number
  of ratings (the moments of one `last_updated` differ by when they were asked
  for), then what is loaded later;
* versions accumulate by id; of two states of one version the newer moment's is
  kept, told by its `modified`; one that was current and then was not, while an
  older one was, is disabled;
* what was read just now (`is_latest`) is newer than anything; a state with all public
  versions (`is_whole`) disables the others;
* a null of a detail (`is_detail`) leaves a text that no detail shows as it is stored;
* what the JSON cannot tell (pending authors, review state, unlisted versions,
  roles, notes) stays as stored.

Pure functions: nothing given is changed.
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
from server.intake.records import Parsed
from server.intake.texts import is_amo
from server.intake.versions import number_in_name

MutableDocument = dict[str, Any]
_HINTED: Final = frozenset(field for field, _ in HINTS.values())
# Texts of an add-on that searches show.
_SEARCHED: Final = tuple(field for field in (*TRANSLATED, *URLS) if field not in _HINTED)
_WITHDRAWN: Final = "disabled"


def merge_user_states(stored: MutableDocument | None, states: Sequence[MutableDocument]) -> MutableDocument:
    """A UserDoc with what add-ons' JSON tells about their author; `stored` itself if nothing is new."""
    merged = stored
    for state in sorted(states, key=lambda state: str(state["modified"])):
        merged = _merge_user(merged, state)
    assert merged is not None, "at least one state"
    return _settled(stored, merged)


def _merge_user(stored: MutableDocument | None, incoming: MutableDocument) -> MutableDocument:
    if stored is None:
        return completed({"auth_id": auth_id(incoming["_id"]), **incoming}, UserDoc)
    newer = incoming["modified"] >= stored["modified"]
    return stored | (incoming if newer else {}) | {"created": min(stored["created"], incoming["created"])}


def merge_states(stored: MutableDocument | None, states: Sequence[Parsed]) -> MutableDocument:
    """An AddonDoc with more states of it: one new revision, or `stored` itself if nothing is new."""
    merged = stored
    for state in sorted(states, key=lambda item: (item.as_of, item.addon.get("ratings", {}).get("count", 0))):
        merged = merge_addon(merged, state)
    assert merged is not None, "at least one state"
    return _settled(stored, merged)


def _settled(stored: MutableDocument | None, merged: MutableDocument) -> MutableDocument:
    """`stored` if both say the same, else `merged` as its next revision."""
    if stored is None or merged == stored:
        return merged if stored is None else stored
    return merged | {"revision": stored.get("revision", 0) + 1}


def merge_addon(stored: MutableDocument | None, incoming: Parsed) -> MutableDocument:
    """An AddonDoc with one more state of it, its revision as it was."""
    if stored is None:
        return _new_addon(incoming)
    if incoming.is_detail:
        incoming = _with_hidden(stored, incoming)
    newer = _is_newer(incoming, stored)
    merged = _with_fields(stored, incoming.addon) if newer else dict(stored)
    merged["created"] = min(stored["created"], incoming.addon["created"])
    versions = _with_versions(stored["versions"], incoming, newer)
    without = _without_untold if incoming.is_whole else _without_withdrawn
    merged["versions"] = _in_order(without(versions, incoming))
    return merged


def _is_newer(incoming: Parsed, stored: MutableDocument) -> bool:
    """Whether this state was asked for after the stored one."""
    if incoming.is_latest:
        return True
    last_updated = stored["last_updated"] or ""
    if incoming.as_of != last_updated:
        return incoming.as_of > last_updated
    if stored["modified"] > incoming.as_of or "ratings" not in incoming.addon:
        # Changed here since: the ratings may be our own and say nothing of AMO's.
        return True
    return incoming.addon["ratings"]["count"] >= stored["ratings"]["count"]


def _with_hidden(stored: MutableDocument, detail: Parsed) -> Parsed:
    """The detail with the stored texts that none would show in the place of its nulls."""
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
    """Whether a detail has null in the place of these (contract/requests.md 7.1)."""
    return has_text(texts) and best_locale(texts, DEFAULT_LOCALE, default) is None


def _new_addon(incoming: Parsed) -> MutableDocument:
    modified = max(incoming.as_of, incoming.addon["created"])
    versions = _in_order([_new_version(version) for version in incoming.versions])
    return completed({**incoming.addon, "modified": modified, "versions": versions}, AddonDoc)


def _with_fields(stored: MutableDocument, update: MutableDocument) -> MutableDocument:
    """The stored add-on with the given fields; where JSON tells half, the other half stays."""
    merged = stored | {
        key: value
        for key, value in update.items()
        if key not in _HINTED or not _hints_at_known(stored[key], value)
    }
    merged["ratings"] = _with_ratings(stored["ratings"], update.get("ratings", {}))
    if "authors" in update:
        merged["authors"] = with_authors(stored["authors"], update["authors"])
    merged["modified"] = max(stored["modified"], update["last_updated"] or "")
    merged["last_updated"] = update["last_updated"] or stored["last_updated"]
    return merged


def _hints_at_known(stored: MutableDocument | None, value: MutableDocument | None) -> bool:
    """Whether `value` only says where the text is, and we have it."""
    return bool(value and stored) and _is_hint(value) and not _is_hint(stored)


def _is_hint(value: MutableDocument | None) -> bool:
    return all(is_amo(as_text(text)) for text in (value or {}).values())


def _with_ratings(stored: MutableDocument, update: MutableDocument) -> MutableDocument:
    """The given ratings; how many of each score stays as stored while it adds up."""
    ratings = stored | update
    if "grouped_counts" not in update and sum(stored["grouped_counts"].values()) != ratings["count"]:
        ratings["grouped_counts"] = completed({}, RatingsDoc)["grouped_counts"]
    return ratings


def with_authors(stored: list[MutableDocument], listed: list[MutableDocument]) -> list[MutableDocument]:
    """The listed authors as given, with the roles we know; then our unlisted ones."""
    roles = {author["user_id"]: author["role"] for author in stored}
    authors = [author | {"role": roles.get(author["user_id"], author["role"])} for author in listed]
    listed_ids = {author["user_id"] for author in authors}
    hidden = [author for author in stored if not author["listed"] and author["user_id"] not in listed_ids]
    return authors + [author | {"position": len(authors) + place} for place, author in enumerate(hidden)]


def _with_versions(stored: list[MutableDocument], incoming: Parsed, newer: bool) -> list[MutableDocument]:
    """Stored versions and given ones, by id; `newer` decides between states of one date."""
    versions = {version["id"]: version for version in stored}
    for version in incoming.versions:
        old = versions.get(version["id"])
        if old is None:
            merged = _new_version(version)
        elif incoming.is_latest or (version["modified"], newer) >= (old["modified"], True):
            merged = old | version | {"files": _with_files(old["files"], version["files"])}
            merged["license"] = _with_text(old["license"], merged["license"])
        else:
            continue
        withdrawn = not incoming.is_latest and _was_withdrawn(merged, stored)
        versions[version["id"]] = _withdrawn(merged) if withdrawn else merged
    return list(versions.values())


def _with_text(stored: MutableDocument | None, update: MutableDocument | None) -> MutableDocument | None:
    """A licence, its text kept where an answer leaves it out (contract/addons.md 6.3)."""
    if stored and update and stored["id"] == update["id"] and update["text"] is None:
        return update | {"text": stored["text"]}
    return update


def _was_withdrawn(version: MutableDocument, stored: list[MutableDocument]) -> bool:
    """Whether an older version was the current one at a later moment."""
    created, modified = version["created"], version["modified"]
    return _is_public(version) and any(
        other["created"] < created and other["modified"] > modified and _is_public(other) for other in stored
    )


def _without_withdrawn(versions: list[MutableDocument], incoming: Parsed) -> list[MutableDocument]:
    """The same, public versions newer than the current one of a later moment being disabled.

    They were current before that moment and were not any more: AMO took them back.
    """
    current = next((version for version in versions if version["id"] == incoming.current), None)
    if current is None or not _is_public(current):
        return versions
    return [
        _withdrawn(version)
        if version["created"] > current["created"]
        and version["modified"] < incoming.as_of
        and _is_public(version)
        else version
        for version in versions
    ]


def _without_untold(versions: list[MutableDocument], incoming: Parsed) -> list[MutableDocument]:
    """The same, public listed versions that a whole state does not have being disabled."""
    ids = {version["id"] for version in incoming.versions}
    return [
        version
        if version["id"] in ids or version["channel"] != "listed" or not _is_public(version)
        else _withdrawn(version)
        for version in versions
    ]


def _new_version(update: MutableDocument) -> MutableDocument:
    version = completed({"version": "", **update}, VersionDoc)
    version["version"] = version["version"] or number_in_name(version["files"])
    return version


def _with_files(stored: list[MutableDocument], update: list[MutableDocument]) -> list[MutableDocument]:
    old = {file["id"]: file for file in stored}
    return [completed(old.get(file["id"], {}) | file, FileDoc) for file in update]


def _in_order(versions: list[MutableDocument]) -> list[MutableDocument]:
    return cast(list[MutableDocument], newest_first(cast(list[VersionDoc], versions)))


def _is_public(version: MutableDocument) -> bool:
    return is_public_version(cast(VersionDoc, version))


def _withdrawn(version: MutableDocument) -> MutableDocument:
    return version | {"files": [file | {"status": _WITHDRAWN} for file in version["files"]]}
