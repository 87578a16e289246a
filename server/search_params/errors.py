"""The refusal of a parameter from which no search can be made."""

from conf import messages


class ParameterError(Exception):
    """A bad query parameter; the first one found ends the reading (contract/search.md 1).

    `str(error)` is the English text, `error.text(locale)` that of a request.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key  # of conf/messages.toml
        self.values = values

    def text(self, locale: str = "en-US") -> str:
        return messages.text(self.key, locale, **self.values)

    def __str__(self) -> str:
        return self.text()


def invalid(name: str) -> ParameterError:
    """The common refusal: `Invalid "<name>" parameter.`"""
    return ParameterError("invalid_parameter", name=name)
