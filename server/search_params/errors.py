"""The error for a query parameter that is not valid."""

from conf import messages


class ParameterError(Exception):
    """A query parameter is invalid; the first error ends the parsing (contract/search.md 1).

    `str(error)` is the English text, `error.text(locale)` the text in a request's language.
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
    """The most common error: `Invalid "<name>" parameter.`"""
    return ParameterError("invalid_parameter", name=name)
