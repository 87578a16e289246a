"""Parts of an add-on object: authors, links, previews, promotion, categories.

As v3 and v4 have them; api_versions.py overrides what differs in v5. The keys are in keys.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from conf import categories, messages
from conf.model.addons import AddonDoc, PreviewDoc, PromotionDoc, Translated, VersionDoc
from index.documents.users import PublicUser
from index.shapes.keys import object_keys
from index.shapes.translated_fields import TranslatedValue, resolve
from index.shapes.urls import ShapeContext, UrlBases, picture, url_bases
from index.shapes.versions import Shape, VersionShapes
from index.shapes.view import View

UsersById = Mapping[int, PublicUser]

_ANONYMOUS_PICTURE: Final = "/img/anon_user.png"
_LAST: Final = 1_000_000  # greater than every category's id


@dataclass(slots=True)
class Subject:
    """One add-on as one caller is to see it."""

    addon: AddonDoc
    users: UsersById
    view: View
    urls: UrlBases
    name: str  # in addresses: `path_name`
    current: VersionDoc | None
    promotions: list[PromotionDoc]
    compact: bool  # a search result: pictures of authors and empty texts are left out
    featured: bool | None = None  # v3; None: as recommended


def translated_text(
    translated: Translated | None, subject: Subject, change: Callable[[str], str] | None = None
) -> TranslatedValue:
    return resolve(translated, subject.view, subject.addon["default_locale"], change, compact=subject.compact)


class AddonParts(VersionShapes):
    def __init__(self, version_name: str, context: ShapeContext) -> None:
        super().__init__(version_name, context)
        self.icon_sizes = object_keys("icons", version_name)
        self._preview_keys = object_keys("preview", version_name)

    def authors(self, addon: AddonDoc, users: UsersById, view: View, *, compact: bool = False) -> list[Shape]:
        """The listed authors, in order, without those whose account was deleted."""
        listed = [author for author in addon["authors"] if author["listed"] and author["user_id"] in users]
        if len(listed) > 1:
            listed.sort(key=lambda author: author["position"])
        return [self.author(users[author["user_id"]], view, compact=compact) for author in listed]

    def author(self, user: PublicUser, view: View, *, compact: bool = False) -> Shape:
        """An author object; `compact`, as in search results, leaves out the picture."""
        shape: Shape = {
            "id": user.id,
            "name": user.display_name or view.site_text(anonymous_name, user.id),
            "url": f"{url_bases(self.context, view).user}{user.id}/",
            "username": user.username,
        }
        if not compact:
            shape["picture_url"] = (
                picture(self.context.media_url, user.picture) if user.picture else self.no_picture()
            )
        return shape

    def no_picture(self) -> str | None:
        """`picture_url` of an author without one."""
        return self.context.static_url + _ANONYMOUS_PICTURE

    def link(self, translated: Translated | None, subject: Subject) -> TranslatedValue | Shape:
        """A translated address, wrapped if the caller asks for that (contract/requests.md 8.2)."""
        return translated_text(translated, subject, self.context.links.wrap if subject.view.wrap else None)

    def contributions(self, url: str, view: View) -> str | Shape:
        """The contributions address, with its campaign parameters."""
        return self.context.links.wrap(url) if view.wrap else url

    def categories(self, addon: AddonDoc) -> Any:
        """Slugs by application. The newest servers have `firefox` even if it is empty."""
        stored = addon["categories"]
        if not stored:
            return {"firefox": []}
        return {app: sorted_by_category_id(addon["type"], app, slugs) for app, slugs in stored.items()}

    def promoted(self, promotions: list[PromotionDoc]) -> Any:
        """The first group (lowest id), or null (contract/addons.md 5.3)."""
        return promotion(promotions[0]) if promotions else None

    def preview(self, image: PreviewDoc, subject: Subject) -> Shape:
        media = self.context.media_url
        shape: Shape = {
            "id": image["id"],
            "caption": translated_text(image["caption"], subject),
            "image_size": image["image_size"],
            "image_url": picture(media, image["image_url"]),
            "position": image["position"],
            "thumbnail_size": image["thumbnail_size"],
            "thumbnail_url": picture(media, image["thumbnail_url"]),
        }
        return {key: shape[key] for key in self._preview_keys}


def anonymous_name(view: View, user_id: int) -> str:
    """The name of a user who has not given one."""
    return messages.text("anonymous_name", view.locale, id=user_id)


def promotion(promotion: PromotionDoc) -> Shape:
    return {"apps": promotion["apps"], "category": promotion["group"]}


def sorted_by_category_id(addon_type: str, app: str, slugs: list[str]) -> list[str]:
    """By id, as AMO lists them; slugs without an id keep their order at the end."""
    if len(slugs) < 2:
        return slugs
    ids = {slug: category.id for slug in slugs if (category := categories.find(app, addon_type, slug))}
    return sorted(slugs, key=lambda slug: ids.get(slug, _LAST))
