"""AMO's own answers, taken apart into documents, come out of the v4 shapes as they went in.

The real files lie beside the checkout; without them these tests are skipped.
What differs on purpose is named in `expected`.
"""

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conf.model.addons import AddonDoc, Translated
from index.documents.users import PublicUser
from index.shapes.api_versions import shapes_for
from index.shapes.links import AMO_HOST, Links, unwrap
from index.shapes.markup import cleaned
from index.shapes.urls import ShapeContext
from index.shapes.view import View
from tests.factories import make_addon, make_file, make_version
from tests.program import ROOT

DATA = ROOT.parent / "shared" / "data"
COLLECTIONS = DATA / "amo-v4-collections.jsonl.gz"
WITH_LANG = DATA / "raw" / "amo-v4-collection-lang-2021-02.json.gz"
SITE = f"https://{AMO_HOST}"
OUTGOING = re.compile(r"https://[a-z.]+/v1/[0-9a-f]{64}/")

pytestmark = pytest.mark.skipif(not COLLECTIONS.exists(), reason=f"no real data at {DATA}")


def context(source: dict[str, Any]) -> ShapeContext:
    """A site with the addresses the source has."""
    media = source["icons"]["64"].partition("/addon_icons/")[0]
    links = Links("https://outgoing.prod.mozaws.net/v1", "secret", SITE)
    return ShapeContext(SITE, media, f"{media}/static", links)


def document(source: dict[str, Any], texts: Any = lambda value: value) -> AddonDoc:
    """The document behind a v4 object; `texts` makes a translated field of what is shown."""
    media = context(source).media_url
    version = source["current_version"]
    promoted = source["promoted"]
    copied = (
        "guid slug type status default_locale tags ratings average_daily_users weekly_downloads created"
        " last_updated is_experimental requires_payment contributions_url categories"
    )
    translated = "name summary description developer_comments homepage support_email support_url"
    addon = make_addon(
        _id=source["id"],
        **{key: source[key] for key in copied.split()},
        **{key: texts(source[key]) for key in translated.split()},
        disabled_by_user=source["is_disabled"],
        eula={"en-US": "x"} if source["has_eula"] else None,
        privacy_policy={"en-US": "x"} if source["has_privacy_policy"] else None,
        icons={size: url.removeprefix(media) for size, url in source["icons"].items()},
        authors=[
            {"user_id": author["id"], "role": "owner", "listed": True, "position": position}
            for position, author in enumerate(source["authors"])
        ],
        previews=[
            {
                **preview,
                "caption": texts(preview["caption"]),
                "image_url": preview["image_url"].removeprefix(media),
                "thumbnail_url": preview["thumbnail_url"].removeprefix(media),
                "position": position,
            }
            for position, preview in enumerate(source["previews"])
        ],
        promoted=[{"group": promoted["category"], "apps": promoted["apps"]}] if promoted else [],
        versions=[
            make_version(
                id=version["id"],
                version=version["version"],
                reviewed=version["reviewed"],
                compatibility=version["compatibility"],
                is_strict_compatibility_enabled=version["is_strict_compatibility_enabled"],
                release_notes=texts(version["release_notes"]),
                license=None,
                files=[
                    make_file(**{**file, "url": file["url"].removeprefix(SITE)}) for file in version["files"]
                ],
            )
        ],
    )
    return cleaned(addon)


def users(source: dict[str, Any]) -> dict[int, PublicUser]:
    return {
        author["id"]: PublicUser(author["id"], author["username"], author["name"], author["picture_url"])
        for author in source["authors"]
    }


def view(source: dict[str, Any], lang: str | None = None) -> View:
    locale, app = source["ratings_url"].removeprefix(f"{SITE}/").split("/")[:2]
    return View("v4", lang=lang, locale=locale, app=app)


def expected(source: dict[str, Any]) -> dict[str, Any]:
    """The source less what documents do not hold, and with what the contract and its copier changed."""
    media = context(source).media_url
    source = json.loads(json.dumps(source))
    source["icon_url"] = source["icons"]["64"]  # its copier put the image itself there
    source["url"] = source["ratings_url"].removesuffix(
        "reviews/"
    )  # one add-on's was replaced by its homepage
    source["versions_url"] = f"{source['url']}versions/"  # not yet there in 2020
    source["current_version"]["license"] = None
    source["categories"] = {app: sorted(slugs) for app, slugs in source["categories"].items()}
    for author in source["authors"]:
        author["picture_url"] = author["picture_url"] or f"{media}/static/img/anon_user.png"
    for file in source["current_version"]["files"]:
        file.pop("host_permissions", None)
    return comparable(source)


def comparable(value: Any) -> Any:
    """With every redirector the same, attributes in one order, and categories in one order."""
    if isinstance(value, dict):
        return {
            key: {app: sorted(slugs) for app, slugs in part.items()}
            if key == "categories"
            else comparable(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [comparable(part) for part in value]
    if isinstance(value, str) and "</a>" in value:
        value = re.sub(r'<a rel="nofollow" (href="[^"]*")>', r'<a \1 rel="nofollow">', value)
        return OUTGOING.sub("OUT/", value)
    return value


def states() -> Iterator[dict[str, Any]]:
    with gzip.open(COLLECTIONS, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["addon"]


def test_every_state_of_every_addon_comes_out_as_it_went_in() -> None:
    count = 0
    for source in states():
        shape = shapes_for("v4", context(source)).detail(document(source), users(source), view(source))
        assert comparable(shape) == expected(source)
        count += 1
    assert count > 200


def test_answer_with_lang_comes_out_as_it_went_in() -> None:
    with gzip.open(WITH_LANG, "rt", encoding="utf-8") as file:
        source = json.load(file)["results"][0]["addon"]

    def texts(value: str | None) -> Translated | None:
        return None if value is None else {"en-US": value}

    api = shapes_for("v4", context(source))
    shape = api.detail(document(source, texts), users(source), view(source, lang="en-US"))
    assert comparable(shape) == expected(source)


def test_texts_come_out_the_same_once_their_links_are_unwrapped() -> None:
    """As `load` stores them: with the addresses themselves."""
    wrapped = re.compile(r'href="(https://[a-z.]+/v1/[^"]*)"')

    def texts(value: Translated | None) -> Translated | None:
        plain = {locale: wrapped.sub(_unwrapped, text) for locale, text in (value or {}).items()}
        return plain or None

    for source in states():
        shape = shapes_for("v4", context(source)).detail(document(source, texts), users(source), view(source))
        for key in ("description", "summary", "developer_comments"):
            assert comparable(shape[key]) == comparable(source[key])


def _unwrapped(match: re.Match[str]) -> str:
    url = unwrap(match[1].replace("&amp;", "&"))
    return f'href="{url}"'
