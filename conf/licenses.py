"""The built-in licences (`licenses.toml`), found by slug, URL or name.

    by_slug("MPL-2.0").name                       -> "Mozilla Public License 2.0"
    by_url("http://www.gnu.org/licenses/gpl-3.0") -> the GPL-3.0-only licence

Source: contract/addons.md 13.8. A licence's name comes from here, never from
the database (contract/requests.md 7.4).
"""

from functools import lru_cache
from typing import Final, NamedTuple

from conf.tables import read_table
from conf.translations import loader
from conf.vocabulary import THEMES


class License(NamedTuple):
    """A built-in licence; `id` is its number, which serves as its id in answers."""

    id: int
    slug: str
    name: str
    for_themes: bool  # themes can have only these, and other add-ons only the others
    url: str | None = None


_TABLES: Final = read_table("licenses.toml")
LICENSES: Final = tuple(License(*row) for row in _TABLES["licenses"])


def _plain_url(url: str) -> str:
    """A URL without the parts that vary: scheme, `www.`, file suffix, trailing slash, case."""
    plain = url.strip().lower().partition("://")[2].partition("#")[0].removeprefix("www.").rstrip("/")
    return plain.removesuffix(".html").removesuffix(".php").removesuffix(".txt")


def _plain_name(name: str) -> str:
    return " ".join(name.lower().replace(",", " ").split())


_BY_SLUG: Final = {license.slug: license for license in LICENSES}
_BY_URL: Final = {_plain_url(license.url): license for license in LICENSES if license.url} | {
    url: _BY_SLUG[slug] for url, slug in _TABLES["old_urls"].items()
}
# The last licence with a name wins, so that All Rights Reserved is the one that is not for themes.
_BY_NAME: Final = {_plain_name(license.name): license for license in LICENSES} | {
    name: _BY_SLUG[slug] for name, slug in _TABLES["old_names"].items()
}


def by_slug(slug: str) -> License | None:
    """The licence of an exact slug: `MIT`, not `mit`."""
    return _BY_SLUG.get(slug)


def by_url(url: str) -> License | None:
    """The licence of a URL in any of its spellings, those of older servers included."""
    return _BY_URL.get(_plain_url(url))


def by_name(name: str) -> License | None:
    """The licence of an English name, those of older servers included."""
    return _BY_NAME.get(_plain_name(name))


def is_allowed(license: License, addon_type: str) -> bool:
    """Whether an add-on of this type may have the licence (contract/writes.md 5)."""
    return license.for_themes == (addon_type in THEMES)


@lru_cache(maxsize=4096)
def names(slug: str) -> dict[str, str]:
    """The name by locale: `en-US`, and every locale with another name."""
    return loader.all_names(_BY_SLUG[slug].name)
