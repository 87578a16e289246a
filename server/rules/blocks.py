"""The blocklist: blocked versions of add-ons, and the effects of a block.

    block = with_versions(block, ["1.0"], False, now)
    addon = enforced(addon, block)
    check_unblocked(block, "1.0", "https://addons.example")

Pure; any thread. Rules: contract/extras.md 1.
"""

from collections.abc import Iterable
from urllib.parse import quote

from conf.model.addons import AddonDoc
from conf.model.curated import BlockDoc
from index import facts
from server.rules.faults import field_fault
from server.rules.status import computed_status
from server.rules.version_order import in_order
from server.rules.versions import with_file_status, with_version


def numbers(block: BlockDoc) -> frozenset[str]:
    """All blocked versions, hard and soft."""
    return frozenset((*block["blocked"], *block["soft_blocked"]))


def with_versions(block: BlockDoc, versions: Iterable[str], soft: bool, now: str) -> BlockDoc:
    """The block with these versions hard-blocked or, with `soft`, soft-blocked, however they were before."""
    added = frozenset(versions)
    hard_blocked, soft_blocked = frozenset(block["blocked"]) - added, frozenset(block["soft_blocked"]) - added
    changed = block | {
        "blocked": in_order(hard_blocked if soft else hard_blocked | added),
        "soft_blocked": in_order(soft_blocked | added if soft else soft_blocked),
    }
    return changed if changed == block else changed | {"modified": now}


def without_versions(block: BlockDoc, versions: Iterable[str], now: str) -> BlockDoc:
    """The block without these versions."""
    removed = frozenset(versions)
    remaining = {
        name: [number for number in block[name] if number not in removed]
        for name in ("blocked", "soft_blocked")
    }
    return block | remaining | {"modified": now}  # type: ignore[return-value]


def enforced(addon: AddonDoc, block: BlockDoc) -> AddonDoc:
    """The add-on with its blocked versions disabled; the same object if they are already."""
    blocked, changed = numbers(block), addon
    for version in addon["versions"]:
        if version["version"] in blocked and not version["deleted"]:
            changed = with_version(changed, with_file_status(version, "disabled"))
    return addon if changed == addon else changed | {"status": computed_status(changed)}


def needs_enforcing(addon: AddonDoc, block: BlockDoc) -> bool:
    return enforced(addon, block) is not addon


def covers_addon(block: BlockDoc, addon: AddonDoc | None) -> bool:
    """Whether the block covers the add-on: it is not public, and every version is blocked."""
    if addon is None:
        return True
    blocked = numbers(block)
    return not facts.is_public(addon) and all(version["version"] in blocked for version in addon["versions"])


def check_unblocked(block: BlockDoc | None, version: str, site_url: str) -> None:
    """Raises Invalid for a blocked version, with a link to the page that says why."""
    if block is not None and version in numbers(block):
        link = f"{site_url}/blocked-addon/{quote(block['guid'])}/{quote(version)}/"
        raise field_fault("version", "version_blocked", version=version, link=link)
