"""The built-in licences, and how stored or sent data names one of them.

    by_slug("MPL-2.0").name                       -> "Mozilla Public License 2.0"
    by_url("http://www.gnu.org/licenses/gpl-3.0") -> the GPL-3.0-only licence

Source: contract/addons.md 13.8. A licence's name comes from here, never from
the database (contract/requests.md 7.4).
"""

from functools import lru_cache
from typing import Final, NamedTuple

from conf.translations import loader


class License(NamedTuple):
    """A built-in licence; `id` is its number, which serves as its id in answers."""

    id: int
    slug: str
    name: str
    url: str | None
    for_themes: bool  # Creative Commons and its like: themes take these and no others


_SPDX: Final = "https://spdx.org/licenses/{}.html"
_CC: Final = "https://creativecommons.org/licenses/{}/{}/"
_CC_KINDS: Final = (  # 13 to 18 in version 3.0, 19 to 24 in version 4.0
    ("by", "Attribution"),
    ("by-nc", "Attribution-NonCommercial"),
    ("by-nc-nd", "Attribution-NonCommercial-NoDerivs"),
    ("by-nc-sa", "Attribution-NonCommercial-Share Alike"),
    ("by-nd", "Attribution-NoDerivs"),
    ("by-sa", "Attribution-ShareAlike"),
)


def _spdx(id: int, slug: str, name: str) -> License:
    return License(id, slug, name, _SPDX.format(slug), False)


def _creative_commons(first: int, version: str) -> tuple[License, ...]:
    return tuple(
        License(
            first + place,
            f"CC-{kind.upper()}-{version}",
            f"Creative Commons {name} {version}",
            _CC.format(kind, version),
            True,
        )
        for place, (kind, name) in enumerate(_CC_KINDS)
    )


LICENSES: Final[tuple[License, ...]] = (
    License(1, "MPL-2.0", "Mozilla Public License 2.0", "https://www.mozilla.org/MPL/2.0/", False),
    _spdx(2, "Apache-2.0", "Apache License 2.0"),
    _spdx(3, "GPL-2.0-only", "GNU General Public License v2.0 only"),
    _spdx(4, "GPL-3.0-only", "GNU General Public License v3.0 only"),
    _spdx(5, "LGPL-2.1-only", "GNU Lesser General Public License v2.1 only"),
    _spdx(6, "LGPL-3.0-only", "GNU Lesser General Public License v3.0 only"),
    _spdx(7, "AGPL-3.0-only", "GNU Affero General Public License v3.0 only"),
    _spdx(8, "MIT", "MIT License"),
    _spdx(9, "ISC", "ISC License"),
    _spdx(10, "BSD-2-Clause", 'BSD 2-Clause "Simplified" License'),
    License(11, "MPL-1.1", "Mozilla Public License 1.1", "https://www.mozilla.org/MPL/MPL-1.1.html", False),
    License(12, "cc-all-rights-reserved", "All Rights Reserved", None, True),
    *_creative_commons(13, "3.0"),
    *_creative_commons(19, "4.0"),
    _spdx(25, "Unlicense", "The Unlicense"),
    License(26, "all-rights-reserved", "All Rights Reserved", None, False),
)

# Names and addresses that older servers gave the same licences; the real
# catalogues of 2019 to 2024 have these. Compared as _plain_url and _plain_name leave them.
_OLD_URLS: Final = {
    "gnu.org/licenses/gpl-2.0": "GPL-2.0-only",
    "gnu.org/licenses/gpl-3.0": "GPL-3.0-only",
    "gnu.org/licenses/lgpl-2.1": "LGPL-2.1-only",
    "gnu.org/licenses/lgpl-3.0": "LGPL-3.0-only",
    "gnu.org/licenses/agpl-3.0": "AGPL-3.0-only",
    "opensource.org/license/mit": "MIT",
    "opensource.org/licenses/mit": "MIT",
    "opensource.org/licenses/mit-license": "MIT",
    "opensource.org/licenses/isc": "ISC",
    "opensource.org/licenses/bsd-license": "BSD-2-Clause",
    "opensource.org/licenses/bsd-2-clause": "BSD-2-Clause",
    "opensource.org/licenses/apache-2.0": "Apache-2.0",
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "mozilla.org/mpl": "MPL-2.0",
    "unlicense.org": "Unlicense",
}
_OLD_NAMES: Final = {
    "mozilla public license version 2.0": "MPL-2.0",
    "mozilla public license version 1.1": "MPL-1.1",
    "apache license version 2.0": "Apache-2.0",
    "gnu general public license v2.0": "GPL-2.0-only",
    "gnu general public license version 2.0": "GPL-2.0-only",
    "gnu general public license v3.0": "GPL-3.0-only",
    "gnu general public license version 3.0": "GPL-3.0-only",
    "gnu lesser general public license v2.1": "LGPL-2.1-only",
    "gnu lesser general public license version 2.1": "LGPL-2.1-only",
    "gnu library general public license v2.1": "LGPL-2.1-only",
    "gnu lesser general public license v3.0": "LGPL-3.0-only",
    "gnu lesser general public license version 3.0": "LGPL-3.0-only",
    "gnu library general public license v3.0": "LGPL-3.0-only",
    "gnu affero general public license v3.0": "AGPL-3.0-only",
    "the mit license": "MIT",
    "mit/x11 license": "MIT",
    "the isc license": "ISC",
    "bsd license": "BSD-2-Clause",
}


def _plain_url(url: str) -> str:
    """A URL without what varies: scheme, `www.`, file suffix, trailing slash, case."""
    plain = url.strip().lower().partition("://")[2].partition("#")[0].removeprefix("www.").rstrip("/")
    return plain.removesuffix(".html").removesuffix(".php").removesuffix(".txt")


def _plain_name(name: str) -> str:
    return " ".join(name.lower().replace(",", " ").split())


_BY_SLUG: Final = {license.slug: license for license in LICENSES}
_BY_URL: Final = {_plain_url(license.url): license for license in LICENSES if license.url} | {
    url: _BY_SLUG[slug] for url, slug in _OLD_URLS.items()
}
# The last of one name wins: All Rights Reserved is the one that is not for themes.
_BY_NAME: Final = {_plain_name(license.name): license for license in LICENSES} | {
    name: _BY_SLUG[slug] for name, slug in _OLD_NAMES.items()
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


def fits(license: License, addon_type: str) -> bool:
    """Whether an add-on of a type may take it (contract/writes.md 5)."""
    return license.for_themes == (addon_type in ("statictheme", "persona"))


@lru_cache(maxsize=4096)
def names(slug: str) -> dict[str, str]:
    """Locale -> name: `en-US`, and every catalogue whose text differs."""
    return loader.all_names(_BY_SLUG[slug].name)
