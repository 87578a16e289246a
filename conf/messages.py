"""Every text the API says, by key: in English from `messages.toml`, in other locales from the catalogues.

    text("invalid_parameter", name="app")        -> 'Invalid "app" parameter.'
    text("not_found", "fr")                      -> "Pas trouvé."
    counted("throttled", 1, "en-US")             -> "... available in 1 second."

The English texts are the contract, letter for letter, where a reference gives
them in full; comments of the sections name it. Placeholders are those of str.format.
A text without a translation is said in English. Any thread.
"""

from collections.abc import Mapping
from functools import cache

from conf.locales import DEFAULT_LOCALE
from conf.tables import read_table
from conf.translations import loader


@cache
def english() -> Mapping[str, str]:
    """The English texts by key; read when first needed."""
    return read_table("messages.toml")


def text(key: str, locale: str = DEFAULT_LOCALE, **values: object) -> str:
    """The text of a key in a supported locale, its placeholders filled.

    An unknown key, or a placeholder without value, is a KeyError.
    """
    default = english()[key]
    template = default if locale == DEFAULT_LOCALE else loader.text(key, locale) or default
    return template.format(**values)


def counted(key: str, count: int, locale: str = DEFAULT_LOCALE, **values: object) -> str:
    """As text(), of the key's `_one` form for a count of one; `count` is a placeholder."""
    return text(f"{key}_one" if count == 1 else key, locale, count=count, **values)
