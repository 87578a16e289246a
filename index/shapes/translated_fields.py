"""A translated field as one caller is to see it.

    resolve({"en-US": "Games", "fr": "Jeux"}, View("v4", lang="fr-CA"), "en-US")  -> "Jeux"
    resolve({"en-US": "Games", "fr": "Jeux"}, View("v5", lang="fr-CA"), "en-US")  -> {"fr": "Jeux"}
    resolve({"en-US": "Games"}, View("v5", lang="fr"), "en-US")
        -> {"en-US": "Games", "fr": None, "_default": "en-US"}
    resolve({"en-US": "Games"}, View("v5"), "en-US")                              -> {"en-US": "Games"}

A text is looked for along the language's fallback chain (conf/locales.py), then along the default's.
Rules: contract/requests.md 7, contract/versions.md 14. Pure functions, safe from any thread.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from conf import licenses
from conf.gates import GATES
from conf.locales import DEFAULT_LOCALE, chain
from conf.model.addons import Translated
from index.shapes.view import View

# What `resolve` returns: a text, or an object of texts, of which that for `lang` may be null.
TranslatedValue = str | dict[str, str] | dict[str, str | None] | None
Value = TypeVar("Value")
TextTransform = Callable[[str], str]

FLAT: Final = GATES["flat_translations"]
DEFAULT_KEY: Final = "_default"  # the key that names the locale of a fallback in v5


def is_blank(text: str | None) -> bool:
    return not text or text.isspace()


def has_text(translated: Translated | None) -> bool:
    """Whether any text is not blank."""
    return bool(translated) and any(not is_blank(text) for text in (translated or {}).values())


def best_locale(translated: Translated | None, lang: str, default: str) -> str | None:
    """The locale of the text for readers of a language; None if all texts are blank."""
    if not translated:
        return None
    for language in (lang, default):
        for locale in chain(language):
            if not is_blank(translated.get(locale)):
                return locale
    return None


def best(translated: Translated | None, lang: str, default: str) -> str | None:
    """The text of `best_locale`."""
    locale = best_locale(translated, lang, default)
    return translated[locale] if translated and locale else None


def default_text(translated: Translated | None, default: str) -> str:
    """The text for readers of the default language, else any text, else an empty one."""
    return best(translated, default, default) or next(iter((translated or {}).values()), "")


def resolve(
    translated: Translated | None,
    view: View,
    default: str,
    change: TextTransform | None = None,
    *,
    compact: bool = False,
) -> TranslatedValue:
    """The field in the view's version and `lang`.

    `default` is the add-on's default locale; `change` is applied to every text that is not empty
    (cleaning, wrapping). Without `lang`, `compact` leaves out blank texts, as in search results;
    otherwise a field with text neither in the request language nor in the default locale is None (7.1).
    """
    if not translated:
        return None
    return choose(
        translated,
        view,
        default,
        lambda view: translate(translated, view, default, change, compact=compact),
        compact=compact,
    )


def choose(
    translated: Translated, view: View, default: str, make: Callable[[View], Value], *, compact: bool
) -> Value:
    """`make(view)`, in which `translate` may be called: the choice that `View.choose` needs to know of."""
    by_locale = view.is_marked and not compact and best_locale(translated, default, default) is None
    value: Value = view.choose(make, translated, default, by_locale=by_locale)
    return value


def translate(
    translated: Translated,
    view: View,
    default: str,
    change: TextTransform | None = None,
    *,
    compact: bool = False,
) -> TranslatedValue:
    """`resolve`, for use within `choose`."""
    if view.lang is None:
        return _all_locales(translated, view, default, change, compact)
    if view.version in FLAT:
        text = best(translated, view.lang, default)
        return change(text) if change and text is not None else text
    return _keyed_by_language(translated, view, view.lang, default, change)


def _all_locales(
    translated: Translated, view: View, default: str, change: TextTransform | None, compact: bool
) -> dict[str, str] | None:
    if compact:
        texts = {locale: text for locale, text in translated.items() if text and not text.isspace()}
    elif best(translated, view.locale, default) is None:
        return None
    else:
        texts = translated
    if change is not None and texts:
        texts = {locale: change(text) if text else text for locale, text in texts.items()}
    return texts or None


def _keyed_by_language(
    translated: Translated, view: View, lang: str, default: str, change: TextTransform | None
) -> dict[str, str | None] | None:
    """The text under its own language; only that of the default is marked as a fallback."""
    locale = best_locale(translated, lang, default)
    if locale is None:
        return None
    text = translated[locale]
    if change:
        text = change(text)
    if locale == lang or (locale != default and locale in chain(lang)):
        return {locale: text}
    return {locale: text, view.printed_lang or lang: None, DEFAULT_KEY: locale}


def fallback_locale(translated: Translated | None, default: str) -> str:
    """The default locale of texts that may be in English whatever the add-on's default
    locale is: release notes, licences (contract/writes.md 1.3).
    """
    return best_locale(translated, default, DEFAULT_LOCALE) or DEFAULT_LOCALE


def license_names(slug: str, view: View, default: str) -> Translated:
    """A built-in licence's name in the locales that this caller may get: English, and those for
    the request language and the add-on's default (7.4). Raises KeyError for other licences.
    """
    names = licenses.names(slug)
    if len(names) == 1:
        return names
    locales = (best_locale(names, language, DEFAULT_LOCALE) for language in (view.language, default))
    return {locale: names[locale] for locale in (DEFAULT_LOCALE, *locales) if locale}


def translated_license_name(view: View, slug: str, default: str) -> TranslatedValue:
    """The name as a translated field, for `View.site_text`."""
    names = license_names(slug, view, default)
    return translate(names, view, fallback_locale(names, default))
