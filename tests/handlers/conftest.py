"""The catalogue that the tests of reads share, the one that the tests of ratings write to, and the
add-ons that tests of other writes have for themselves."""

from tests.handlers.lists import lists
from tests.handlers.rated import addon, rated_api
from tests.handlers.written import number, numbers

__all__ = ["addon", "lists", "number", "numbers", "rated_api"]
