"""Which add-ons are featured where (v3; contract/search.md 2.6, contract/versions.md 6).

    featured = FeaturedSets()
    changed = featured.replace({7: (Featuring("firefox", None, None),)})
    featured.places(7)        -> (Featuring("firefox", None, None),)
    featured.is_featured(9)   -> False

An add-on is featured if it is in a featured set. On a site without any set, featured
means recommended, as on AMO since it dropped featured sets: in `is_featured`, in the
`featured` filter and in the endpoint.

Any thread may read: `replace` swaps the whole table at once.
"""

from collections.abc import Mapping

from index.entry import Featuring

FeaturedPlaces = Mapping[int, tuple[Featuring, ...]]


class FeaturedSets:
    def __init__(self) -> None:
        self._places: FeaturedPlaces | None = None

    def __bool__(self) -> bool:
        """Whether the site has featured sets; an empty one counts."""
        return self._places is not None

    @property
    def table(self) -> FeaturedPlaces | None:
        return self._places

    def places(self, addon_id: int) -> tuple[Featuring, ...]:
        return self._places.get(addon_id, ()) if self._places else ()

    def is_featured(self, addon_id: int) -> bool | None:
        """None on a site without featured sets, where featured means recommended."""
        return None if self._places is None else addon_id in self._places

    def replace(self, places: FeaturedPlaces | None) -> set[int]:
        """Replace the table (None: no featured sets); returns the ids of add-ons whose places changed.

        When the first set is added or the last one removed, `is_featured` also changes for
        recommended add-ons; the caller has to handle those.
        """
        before, after = self._places or {}, places or {}
        self._places = places
        addon_ids = before.keys() | after.keys()
        return {addon_id for addon_id in addon_ids if before.get(addon_id) != after.get(addon_id)}
