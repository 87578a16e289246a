"""The catalogue that the tests of reads share, the one that the tests of ratings write to, and the
add-ons that tests of other writes have for themselves."""

from tests.handlers.curated_server import lists
from tests.handlers.ratings.ratings_server import addon, rated_api
from tests.handlers.writable_server import number, numbers

__all__ = ["addon", "lists", "number", "numbers", "rated_api"]
