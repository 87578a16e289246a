"""Small text indexes for tests, which take and return names."""

from collections.abc import Iterable, Sequence
from typing import Any

from conf.model.addons import AddonDoc
from index.criteria.clauses import Clause
from index.entry import make_entry
from index.text.engine import Engine
from tests.factories import make_addon

PLENTY = 1000  # more than any test catalogue has


def named(name: str | dict[str, str], users: int = 100, summary: str = "", **fields: Any) -> AddonDoc:
    """An add-on with a name in en-US, or in several locales, the first being the default."""
    names = {"en-US": name} if isinstance(name, str) else name
    default = next(iter(names))
    plain = {"summary": {default: summary} if summary else None, "description": None, "categories": {}}
    return make_addon(name=names, default_locale=default, average_daily_users=users, **(plain | fields))


def numbered(addons: Iterable[AddonDoc]) -> list[AddonDoc]:
    """With ids, slugs and guids of their own: 1, 2, 3, ..."""
    return [
        {**addon, "_id": number, "slug": f"addon-{number}", "guid": f"{number}@example.org"}
        for number, addon in enumerate(addons, 1)
    ]


def make_engine(addons: Iterable[AddonDoc]) -> Engine:
    engine = Engine()
    for addon in addons:
        engine.add(engine.document(addon, make_entry(addon, {})))
    engine.commit()
    engine.refresh()
    return engine


class Listing:
    """A text index that answers with names."""

    def __init__(self, *addons: AddonDoc | str) -> None:
        self.addons = numbered(named(addon) if isinstance(addon, str) else addon for addon in addons)
        self.engine = make_engine(self.addons)
        self._names = {addon["_id"]: next(iter((addon["name"] or {}).values()), "") for addon in self.addons}

    def find(
        self, q: str, locale: str = "en-US", clauses: Sequence[Clause] = (), limit: int = PLENTY
    ) -> list[str]:
        return [self._names[id_] for id_ in self.engine.search(q, locale, clauses, limit).ids]
