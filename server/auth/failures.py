"""What is wrong with a credential, in words the handlers can translate."""


class AuthenticationFailed(Exception):
    """`key` and `values` name a text of conf/messages.py; `code` is the constant callers branch on.

    Source of both: contract/auth.md 1.3 and 2.2.
    """

    def __init__(self, key: str, code: str | None = None, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.code = code
        self.values = values
