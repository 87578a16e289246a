"""The style sheet and the icon of the console's pages, which load nothing else."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from conf.files import read_file
from handlers.http.base import SiteResource

_FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {"console.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_MAX_BYTES: Final = 64 * 1024
# The content of a URL never changes, because it has a digest (`asset_url`).
_CACHE_CONTROL: Final = "private, max-age=31536000, immutable"


class AssetHandler(SiteResource):
    title = "Console Asset"
    works_before_ready = True

    def get(self, name: str) -> None:
        if name not in _KINDS or not self.site.settings.console:
            raise self.not_found()
        headers = {"Content-Type": _KINDS[name], "Cache-Control": _CACHE_CONTROL, "Vary": "Accept-Encoding"}
        self.send_body(_content(name), headers)


def asset_url(name: str) -> str:
    """The URL of an asset, which changes when the file does."""
    return f"/admin/static/{name}?{_digest(name)}"


@cache
def _content(name: str) -> bytes:
    return read_file(_FOLDER / name, _MAX_BYTES)


@cache
def _digest(name: str) -> str:
    return hashlib.blake2b(_content(name), digest_size=6).hexdigest()
