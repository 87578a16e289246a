"""What the website's home page shows: heroes and shelves, which operators keep.

    {"kind": "primary_hero", "_id": 1, "addon_id": 7, "external": null, "description": {"en-US": "Tidy."},
     "image": "hero/tree.jpg", "gradient": {"start": "color-ink-80", "end": "color-blue-70"}, "enabled": true}
    {"kind": "secondary_hero", "_id": 1, "headline": {"en-US": "Made for you"},
     "description": {"en-US": "Find more."}, "cta": {"url": "/blog/", "text": {"en-US": "Read on"}},
     "modules": [{"icon": "hero/lock.svg", "description": {"en-US": "Safe."}, "cta": null}], "enabled": true}
    {"kind": "shelf", "_id": 1, "title": {"en-US": "Recommended"}, "endpoint": "search",
     "criteria": "promoted=recommended&sort=random", "addon_type": "extension", "count": 4,
     "footer_text": {"en-US": "See more"}, "footer_url": null, "position": 1, "enabled": true}

Their texts fall back on English. Paths of pictures are below the media URL, those of links below the
site's. Rules: contract/extras.md 3.
"""

from typing import Final, Literal, TypedDict

from conf.model.addons import Translated

Endpoint = Literal["search", "collections", "random-tag"]
HERO_MODULES: Final = 3  # of a secondary hero, if it has any
TAG_MARK: Final = "{tag}"  # in texts and criteria of a random-tag shelf: the tag that was drawn


class GradientDoc(TypedDict):
    """Names of Firefox's design colours."""

    start: str
    end: str


class ExternalAddonDoc(TypedDict):
    """An add-on whose home is elsewhere."""

    id: int
    guid: str
    homepage: Translated | None
    name: Translated
    type: str


class PrimaryHeroDoc(TypedDict):
    """Collection `primary_heroes`: one add-on, ours (`addon_id`) or `external`."""

    _id: int
    addon_id: int | None
    external: ExternalAddonDoc | None
    description: Translated | None  # None: the add-on's summary
    image: str | None
    gradient: GradientDoc
    enabled: bool


class CallDoc(TypedDict):
    """A call to action: a link and its text."""

    url: str
    text: Translated


class ModuleDoc(TypedDict):
    """One of the small texts below a secondary hero."""

    icon: str
    description: Translated
    cta: CallDoc | None


class SecondaryHeroDoc(TypedDict):
    """Collection `secondary_heroes`."""

    _id: int
    headline: Translated
    description: Translated
    cta: CallDoc | None
    modules: list[ModuleDoc]
    enabled: bool


class ShelfDoc(TypedDict):
    """Collection `shelves`: a row of add-ons, and where they come from."""

    _id: int
    title: Translated
    endpoint: Endpoint
    # The parameters of a search; of `collections`, `slug` (of the curators' account) or `user/slug`.
    criteria: str
    addon_type: str  # vocabulary.TYPES
    count: int
    footer_text: Translated | None
    footer_url: str | None  # None: the page of the website that shows the same
    position: int  # ascending
    enabled: bool
