"""Which add-ons are featured where (v3; contract/search.md 2.6, contract/versions.md 6).

    featured = FeaturedSets()
    changed = featured.replace({7: (Featuring("firefox", None, None),)})
    featured.places(7)        -> (Featuring("firefox", None, None),)
    featured.is_featured(9)   -> False

Featured is what stands in a featured set. A site that keeps no set
at all answers as AMO has done since it gave them up: featured is what is
recommended, in `is_featured`, in the `featured` filter and in the endpoint.

Read by any thread: `replace` puts a whole new table in place of the old one.
"""

from collections.abc import Mapping

from index.entry import Featuring

FeaturedPlaces = Mapping[int, tuple[Featuring, ...]]


class FeaturedSets:
    def __init__(self) -> None:
        self._places: FeaturedPlaces | None = None

    def __bool__(self) -> bool:
        """Whether the site keeps featured sets; a set of no add-ons is one."""
        return self._places is not None

    @property
    def table(self) -> FeaturedPlaces | None:
        return self._places

    def places(self, addon_id: int) -> tuple[Featuring, ...]:
        return self._places.get(addon_id, ()) if self._places else ()

    def is_featured(self, addon_id: int) -> bool | None:
        """None where no sets are kept: then as recommended."""
        return None if self._places is None else addon_id in self._places

    def replace(self, places: FeaturedPlaces | None) -> set[int]:
        """Take these places (None: no sets are kept) and name the add-ons whose places are others now.

        Where the first set comes or the last one goes, `is_featured` changes for
        recommended add-ons too, which the caller looks after.
        """
        before, after = self._places or {}, places or {}
        self._places = places
        either = before.keys() | after.keys()
        return {addon_id for addon_id in either if before.get(addon_id) != after.get(addon_id)}
