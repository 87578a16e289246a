"""Every text of the API, by key: in English from `messages.toml`, in other locales from the translations.

    text("invalid_parameter", name="app")        -> 'Invalid "app" parameter.'
    text("not_found", "fr")                      -> "Pas trouvé."
    counted("throttled", 1, "en-US")             -> "... available in 1 second."

Where the contract has an English text in full, it is the same here, letter for letter; comments in
messages.toml name the page. Placeholders are those of str.format. A text without translation is in
English. Any thread.
"""

from collections.abc import Mapping
from functools import cache

from conf.locales import DEFAULT_LOCALE
from conf.tables import read_table
from conf.translations import loader


@cache
def english() -> Mapping[str, str]:
    """The English texts by key; the file is read when the first text is needed."""
    return read_table("messages.toml")


def text(key: str, locale: str = DEFAULT_LOCALE, **values: object) -> str:
    """The text in a supported locale, with its placeholders replaced.

    An unknown key, or a placeholder without value, is a KeyError.
    """
    default = english()[key]
    template = default if locale == DEFAULT_LOCALE else loader.text(key, locale) or default
    return template.format(**values)


def counted(key: str, count: int, locale: str = DEFAULT_LOCALE, **values: object) -> str:
    """As text(), with the key's `_one` form if `count` is one; `count` is a placeholder, too."""
    return text(f"{key}_one" if count == 1 else key, locale, count=count, **values)
