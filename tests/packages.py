"""Packages made in memory, and the forms that they are sent in."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

BOUNDARY = "tests-boundary"
MANIFEST: dict[str, Any] = {
    "manifest_version": 2,
    "name": "Tab Tree",
    "version": "1.0",
    "description": "Tabs in a tree.",
    "browser_specific_settings": {"gecko": {"id": "tree@example.org"}},
}


def package(manifest: Any = MANIFEST, files: Mapping[str, str | bytes] = {}, **more: Any) -> bytes:
    """`more` goes over the manifest, which may be text or bytes instead."""
    if isinstance(manifest, dict):
        manifest = json.dumps({key: value for key, value in (manifest | more).items() if value is not None})
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        if manifest:
            archive.writestr("manifest.json", manifest)
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def form(**parts: str | tuple[str, bytes]) -> tuple[dict[str, str], bytes]:
    """Headers and body; a part is a text, or a file's name and content."""
    lines: list[bytes] = []
    for name, part in parts.items():
        file_name = f'; filename="{part[0]}"' if isinstance(part, tuple) else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n\r\n'
        lines += [head.encode(), part[1] if isinstance(part, tuple) else part.encode(), b"\r\n"]
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return headers, b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])
