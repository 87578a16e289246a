"""The server for tests of update checks and downloads."""

from tests.handlers.downloads.published import published

__all__ = ["published"]
