"""MongoDB for the tests of the rooms that talk to it."""

from tests.mongo_fixture import mongod, store

__all__ = ["mongod", "store"]
