"""What a shelf of the home page names (conf/model/curated.py): a search, or a collection. Pure."""

from urllib.parse import parse_qsl

from conf.model.curated import TAG_MARK, ShelfDoc
from conf.vocabulary import TAGS
from server.search_params.filters import parse_search
from server.search_params.parameters import SearchOptions


def search_params(query: str) -> dict[str, str]:
    """As a request's: the last value of each, none that is empty."""
    return dict(parse_qsl(query))


def collection_of(criteria: str, curators: int | None) -> tuple[str, str]:
    """User and slug: of `slug` alone, the user is the curators' account, "" where there is none."""
    user, slash, slug = criteria.partition("/")
    return (user, slug) if slash else (str(curators or ""), criteria)


def check_criteria(shelf: ShelfDoc) -> None:
    """Raises ParameterError for what no search takes."""
    if shelf["endpoint"] != "collections":
        query = shelf["criteria"].replace(TAG_MARK, min(TAGS))
        parse_search(search_params(query), "v5", SearchOptions())
