"""The catalogue that the tests of reads share."""

from tests.handlers.lists import lists

__all__ = ["lists"]
