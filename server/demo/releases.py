"""The versions of an add-on of the demonstration catalogue, with their files."""

from typing import Any, Final

from conf import licenses
from conf.vocabulary import THEMES
from server.demo.dice import Dice, first_day, format_day
from server.demo.texts import CATALOGUE, TextWriter, Traits

VERSION_IDS: Final = 10  # reserved for each add-on, which has fewer versions
_COUNTS: Final = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8)
_CODE_LICENSES: Final = tuple(license for license in licenses.LICENSES if not license.for_themes)
_THEME_LICENSES: Final = tuple(license for license in licenses.LICENSES if license.for_themes)
_CUSTOM_LICENSE: Final = 1_000_000  # ids of custom licences follow
_WEBEXTENSIONS: Final = first_day(2016) + 200
_MANIFEST_3: Final = first_day(2023)
_WORDS: Final[dict[str, list[str]]] = CATALOGUE["words"]
_NO_COMPATIBILITY: Final = frozenset({"dictionary", "search", "persona"})
_PLATFORMS: Final = ("linux", "mac", "windows")
_ALL_PLATFORMS: Final = ("all",)
_FATES: Final[dict[str, tuple[str, str, bool]]] = CATALOGUE["fates"]
# Other versions than the current one of a public add-on: chance; channel, file status, deleted.
_ODD_FATES: Final = (
    (0.06, ("unlisted", "public", False)),
    (0.04, ("listed", "disabled", False)),
    (0.02, ("listed", "disabled", True)),
)


def versions(traits: Traits, texts: TextWriter, dice: Dice) -> list[dict[str, Any]]:
    """VersionDocs, newest first. A public add-on has a current version among them."""
    if traits.state == "incomplete" and dice.chance(0.4):
        return []
    count = dice.pick(_COUNTS)
    span = traits.updated - traits.created
    awaiting = traits.state == "public" and count > 1 and dice.chance(0.05)
    maker = _VersionMaker(traits, texts, dice)
    version_docs = []
    for index in range(count):
        share = index / (count - 1) if count > 1 else 0.0
        current = traits.state == "public" and index == count - (2 if awaiting else 1)
        newest = awaiting and index == count - 1
        version_docs.append(maker.version(index, traits.created + share * span, current, newest))
    version_docs.reverse()
    return version_docs


class _VersionMaker:
    """Makes the versions of one add-on; what they have in common is chosen once."""

    def __init__(self, traits: Traits, texts: TextWriter, dice: Dice) -> None:
        self._traits, self._texts, self._dice = traits, texts, dice
        self._license = _license(traits, texts, dice)
        self._permissions = (
            dice.sample(_WORDS["permissions"], dice.below(9)) if traits.type == "extension" else []
        )
        self._hosts = dice.sample(_WORDS["hosts"], dice.below(3)) if self._permissions else []
        self._all = self._permissions + self._hosts
        self._optional = dice.sample(_WORDS["permissions"], dice.below(3)) if dice.chance(0.2) else []
        self._file_name = traits.slug.replace("-", "_")
        self._scheme = dice.below(4)
        self._base = traits.id * VERSION_IDS
        self._strict = dice.chance(0.03)

    def _fate(self, current: bool, newest: bool) -> tuple[str, str, bool]:
        if newest:
            return "listed", "unreviewed", False
        if current:
            return "listed", "public", False
        if self._traits.state != "public":
            return _FATES[self._traits.state]
        roll = self._dice.roll()
        for chance, fate in _ODD_FATES:
            roll -= chance
            if roll < 0:
                return fate
        return "listed", "public", False

    def version(self, index: int, day: float, current: bool, newest: bool) -> dict[str, Any]:
        """The VersionDoc with an index in the order of releases, made on a day since 2005."""
        dice = self._dice
        channel, status, deleted = self._fate(current, newest)
        created = format_day(day)
        number = self._number(index, day)
        reviewed = format_day(day + 0.3 + dice.roll() * 5) if status == "public" else None
        compatibility = self._compatibility(day)
        return {
            "id": self._base + index,
            "version": number,
            "channel": channel,
            "created": created,
            "modified": reviewed or created,
            "reviewed": reviewed,
            "deleted": deleted,
            "is_disabled": not current and dice.chance(0.02),
            "files": self._files(index, number, created, status, day),
            "compatibility": compatibility,
            "is_strict_compatibility_enabled": self._strict and bool(compatibility),
            "license": self._license,
            "release_notes": self._texts.notes(),
            "approval_notes": "",
            "source": None,
            "human_reviewed": reviewed is not None and dice.chance(0.3),
            "approvals": None,
        }

    def _number(self, index: int, day: float) -> str:
        """Rising version numbers in one of the usual styles."""
        if self._scheme == 0:
            return f"1.{index}"
        if self._scheme == 1:
            return f"{1 + index // 3}.{index % 3}.{self._base % 7}"
        if self._scheme == 2:
            created = format_day(day)
            return f"{created[:4]}.{int(created[5:7])}.{int(created[8:10])}.{index}"
        return f"0.{index + 1}" + ("b1" if self._base % 5 == 0 else ".0")

    def _files(self, index: int, number: str, created: str, status: str, day: float) -> list[dict[str, Any]]:
        """One file for all platforms; before WebExtensions sometimes one for each."""
        modern = day >= _WEBEXTENSIONS
        platforms = _PLATFORMS if not modern and self._base % 130 == 0 else _ALL_PLATFORMS
        id = (self._base + index) * len(_PLATFORMS)
        file = self._file(id, number, created, status, day)
        return [file | {"id": id + nth, "platform": platform} for nth, platform in enumerate(platforms)]

    def _file(self, id: int, number: str, created: str, status: str, day: float) -> dict[str, Any]:
        dice = self._dice
        modern = day >= _WEBEXTENSIONS
        return {
            "id": id,
            "created": created,
            "hash": f"sha256:{dice.bits(256):064x}",
            "size": 2_000 + int(dice.roll() ** 6 * 9_000_000),
            "status": status,
            "url": f"/firefox/downloads/file/{id}/{self._file_name}-{number}.xpi",
            "platform": "all",
            "is_mozilla_signed_extension": False,
            "is_webextension": modern,
            "is_restart_required": not modern and self._base % 3 == 0,
            "permissions": self._all if modern else [],
            "optional_permissions": self._optional if modern else [],
            "host_permissions": self._hosts if modern and day > _MANIFEST_3 else [],
            "data_collection_permissions": [],
            "optional_data_collection_permissions": [],
        }

    def _compatibility(self, day: float) -> dict[str, dict[str, str]]:
        dice, kind = self._dice, self._traits.type
        if kind in _NO_COMPATIBILITY:
            return {}
        if day < _WEBEXTENSIONS:
            minimum, maximum = dice.pick(_WORDS["legacy_minima"]), dice.pick(_WORDS["legacy_maxima"])
            apps = {"firefox": {"min": minimum, "max": maximum}}
            if self._base % 70 == 0:
                apps["seamonkey"] = {"min": "2.1", "max": "2.49.*"}
            return apps
        if kind == "extension" and self._traits.number % 29 == 28:
            return {"thunderbird": {"min": dice.pick(_WORDS["minima"]), "max": "*"}}
        maximum = "140.*" if self._strict else "*"
        apps = {"firefox": {"min": dice.pick(_WORDS["minima"]), "max": maximum}}
        if kind in ("extension", "statictheme") and self._traits.number % 10 < 3:
            apps["android"] = {"min": "113.0" if day > _MANIFEST_3 else "48.0", "max": maximum}
        return apps


def _license(traits: Traits, texts: TextWriter, dice: Dice) -> dict[str, Any]:
    if dice.chance(0.05):
        custom = {"id": _CUSTOM_LICENSE + traits.number, "slug": None}
        return custom | texts.license() | {"url": None}
    themes = traits.type in THEMES
    built_in = dice.pick_early(_THEME_LICENSES if themes else _CODE_LICENSES)
    return {"id": built_in.id, "slug": built_in.slug, "name": None, "text": None, "url": None}
