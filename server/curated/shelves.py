"""The target of a shelf of the home page (conf/model/curated.py): a search, or a collection. Pure."""

from urllib.parse import parse_qsl

from conf.model.curated import TAG_MARK, ShelfDoc
from conf.vocabulary import TAGS
from server.search_params.filters import parse_search
from server.search_params.parameters import SearchOptions


def search_params(query: str) -> dict[str, str]:
    """The parameters of a search, as those of a request: the last value of each, without empty ones."""
    return dict(parse_qsl(query))


def collection_of(criteria: str, curators: int | None) -> tuple[str, str]:
    """User and slug of a collection; for a `slug` alone, the curators' account, or "" if there is none."""
    user, slash, slug = criteria.partition("/")
    return (user, slug) if slash else (str(curators or ""), criteria)


def check_criteria(shelf: ShelfDoc) -> None:
    """Raises ParameterError for criteria that no search accepts."""
    if shelf["endpoint"] != "collections":
        query = shelf["criteria"].replace(TAG_MARK, min(TAGS))
        parse_search(search_params(query), "v5", SearchOptions())
