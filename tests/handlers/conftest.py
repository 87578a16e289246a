"""The catalogue that the tests of reads share, and the one that the tests of ratings write to."""

from tests.handlers.lists import lists
from tests.handlers.rated import addon, rated_api

__all__ = ["addon", "lists", "rated_api"]
