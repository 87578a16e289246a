"""Built-in licences (contract/addons.md 13.8)."""

import pytest

from conf.licenses import LICENSES, License, by_name, by_slug, by_url, is_allowed, names


@pytest.mark.parametrize(
    ("id", "slug", "name", "url"),
    [
        (1, "MPL-2.0", "Mozilla Public License 2.0", "https://www.mozilla.org/MPL/2.0/"),
        (8, "MIT", "MIT License", "https://spdx.org/licenses/MIT.html"),
        (
            10,
            "BSD-2-Clause",
            'BSD 2-Clause "Simplified" License',
            "https://spdx.org/licenses/BSD-2-Clause.html",
        ),
        (12, "cc-all-rights-reserved", "All Rights Reserved", None),
        (
            16,
            "CC-BY-NC-SA-3.0",
            "Creative Commons Attribution-NonCommercial-Share Alike 3.0",
            "https://creativecommons.org/licenses/by-nc-sa/3.0/",
        ),
        (
            24,
            "CC-BY-SA-4.0",
            "Creative Commons Attribution-ShareAlike 4.0",
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        (26, "all-rights-reserved", "All Rights Reserved", None),
    ],
)
def test_rows(id: int, slug: str, name: str, url: str | None) -> None:
    license = by_slug(slug)
    assert license is not None
    assert (license.id, license.name, license.url) == (id, name, url)


def test_ids_are_the_documented_numbers() -> None:
    assert [license.id for license in LICENSES] == list(range(1, 27))


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://www.mozilla.org/MPL/2.0/", "MPL-2.0"),
        ("http://www.mozilla.org/MPL/2.0", "MPL-2.0"),
        ("http://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0-only"),
        ("https://www.gnu.org/licenses/gpl-2.0.html", "GPL-2.0-only"),
        ("http://www.gnu.org/licenses/lgpl-3.0.html", "LGPL-3.0-only"),
        ("http://www.opensource.org/license/mit", "MIT"),
        ("http://www.opensource.org/licenses/mit-license.php", "MIT"),
        ("http://creativecommons.org/licenses/by-nc/3.0", "CC-BY-NC-3.0"),
        ("https://example.com/my-license", None),
        ("", None),
    ],
)
def test_by_url_in_any_spelling(url: str, slug: str | None) -> None:
    license = by_url(url)
    assert (license and license.slug) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("MIT License", "MIT"),
        ("The MIT License", "MIT"),
        ("MIT/X11 License", "MIT"),
        ("GNU General Public License, version 3.0", "GPL-3.0-only"),
        ("GNU General Public License v2.0", "GPL-2.0-only"),
        ("GNU Library General Public License v3.0", "LGPL-3.0-only"),
        ("Mozilla Public License, version 2.0", "MPL-2.0"),
        ("All Rights Reserved", "all-rights-reserved"),
        ("Multiple", None),
    ],
)
def test_by_name_of_any_era(name: str, slug: str | None) -> None:
    license = by_name(name)
    assert (license and license.slug) == slug


@pytest.mark.parametrize("license", LICENSES, ids=lambda license: license.slug)
def test_every_licence_is_found_by_what_it_says(license: License) -> None:
    assert by_slug(license.slug) is license
    assert license.url is None or by_url(license.url) is license
    named = by_name(license.name)
    assert named is not None
    assert named.name == license.name


@pytest.mark.parametrize(
    ("slug", "addon_type", "fit"),
    [
        ("MIT", "extension", True),
        ("MIT", "statictheme", False),
        ("CC-BY-4.0", "statictheme", True),
        ("CC-BY-4.0", "dictionary", False),
        ("all-rights-reserved", "extension", True),
        ("cc-all-rights-reserved", "statictheme", True),
    ],
)
def test_kind(slug: str, addon_type: str, fit: bool) -> None:
    license = by_slug(slug)
    assert license is not None
    assert is_allowed(license, addon_type) is fit


def test_names_hold_only_what_differs_from_english() -> None:
    assert names("MIT") == {"en-US": "MIT License"}
    assert names("all-rights-reserved")["fr"] == "Tous droits réservés"
