"""The authors of an add-on object, and what it shows of their accounts."""

import hashlib
from typing import Any

from server.intake.json_values import integer, objects, string
from server.intake.texts import media_path


def read_authors(value: Any) -> list[dict[str, Any]]:
    """AuthorDocs in the same order. AMO does not show roles, so every listed author is an owner."""
    return [
        {"user_id": user_id, "role": "owner", "listed": True, "position": position}
        for position, user_id in enumerate(dict.fromkeys(author_ids(value)))
    ]


def author_ids(value: Any) -> list[int]:
    return [integer(author.get("id"), "author id", 1) for author in objects(value, "authors")]


def read_users(value: Any, created: str, as_of: str) -> list[dict[str, Any]]:
    """Parts of the authors' UserDocs. An account is at least as old as its add-on (`created`)."""
    users = {}
    for author in objects(value, "authors"):
        id = integer(author.get("id"), "author id", 1)
        user = {"_id": id, "username": string(author.get("username"), "username") or anonymous_username(id)}
        if "name" in author:
            user["display_name"] = _display_name(author["name"], id)
        if "picture_url" in author:
            user["picture"] = media_path(author["picture_url"], "picture_url")
        users[id] = user | {"created": created, "modified": as_of}
    return list(users.values())


def anonymous_username(id: int) -> str:
    """A username of AMO's anonymous form, `anonymous-<32 hex>`, always the same for a user."""
    return f"anonymous-{hashlib.blake2b(f'username {id}'.encode(), digest_size=16).hexdigest()}"


def auth_id(id: int) -> str:
    """The `auth_id` of a new account. It need not be random, because tokens are signed."""
    return hashlib.blake2b(f"auth_id {id}".encode(), digest_size=16).hexdigest()


def _display_name(value: Any, id: int) -> str | None:
    """None for AMO's placeholder of a missing name (contract/addons.md 5.1)."""
    name = string(value, "author name")
    return None if name in ("", f"Firefox user {id}") else name
