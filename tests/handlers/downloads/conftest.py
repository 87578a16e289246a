"""The add-ons that update checks and downloads are tried on."""

from tests.handlers.downloads.published import published

__all__ = ["published"]
