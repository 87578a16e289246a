"""The phrases that mail programs add around a reply, in the languages of the site (`mail_clients.toml`).

LANGUAGES["de"].heads     -> ("Am {date} schrieb {name}:", …)
DEVICE.names              -> ("iPhone", …)
"""

from dataclasses import dataclass
from typing import Final

from conf.tables import read_table


@dataclass(frozen=True, slots=True)
class Language:
    heads: tuple[str, ...]
    originals: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]  # "from", "date", "to", "subject"
    signed: tuple[str, ...]
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Device:
    names: tuple[str, ...]
    models: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class App:
    names: tuple[str, ...]
    links: tuple[str, ...]
    places: tuple[str, ...]


def _language(table: dict[str, list[str]]) -> Language:
    return Language(
        heads=tuple(table["heads"]),
        originals=tuple(table["originals"]),
        labels={kind: tuple(table[kind]) for kind in ("from", "date", "to", "subject")},
        signed=tuple(table["signed"]),
        offers=tuple(table.get("offers", ())),
    )


_TABLES: Final = read_table("mail_clients.toml")
LANGUAGES: Final[dict[str, Language]] = {
    code: _language(table) for code, table in _TABLES["languages"].items()
}
DEVICE: Final = Device(**{name: tuple(words) for name, words in _TABLES["device"].items()})
APP: Final = App(**{name: tuple(words) for name, words in _TABLES["app"].items()})
HTML_QUOTES: Final[tuple[str, ...]] = tuple(_TABLES["html"]["quotes"])
