"""The view: what an answer's bytes depend on besides the document."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from conf.model.addons import Translated

# What a marked view prints in place of the caller's language, application and `lang`. No stored text can
# contain them, because every process draws its own.
TOKEN: Final = f"\ufdd0{secrets.token_hex(6)}"
LOCALE_MARK: Final = f"{TOKEN}a"
APP_MARK: Final = f"{TOKEN}b"
LANG_MARK: Final = f"{TOKEN}c"


@dataclass(frozen=True, slots=True)
class View:
    """How a caller is to see documents; hashable, so that it can be a cache's key."""

    version: str  # "v3", "v4" or "v5"
    lang: str | None = None  # the `lang` parameter, normalised; None when absent
    locale: str = "en-US"  # the request language: site URLs, catalogue strings
    app: str = "firefox"  # the application segment of site URLs
    wrap: bool = False  # v3/v4: `wrap_outgoing_links` was given
    grouped: bool = False  # a detail's ratings by score as well
    is_marked: bool = False  # prints marks in place of `lang`, `locale` and `app`

    @property
    def language(self) -> str:
        """The language in which a text is chosen: `lang`, else the request language."""
        return self.lang or self.locale

    @property
    def printed_lang(self) -> str | None:
        return LANG_MARK if self.is_marked else self.lang

    @property
    def printed_locale(self) -> str:
        return LOCALE_MARK if self.is_marked else self.locale

    @property
    def printed_app(self) -> str:
        return APP_MARK if self.is_marked else self.app

    # Every part of a shape that differs between languages is made by one of these two methods, which
    # index/documents/compiled.py overrides to put it off.

    def choose(
        self,
        make: Callable[["View"], Any],
        texts: Translated | None,
        default: str,
        *,
        by_locale: bool = False,
    ) -> Any:
        """A value that depends on a choice among authors' `texts`: `make(view)`.

        `default` is the language for callers in whose language there is no text. `by_locale`: without
        `lang`, the request language counts.
        """
        return make(self)

    def site_text(self, make: Callable[..., Any], *values: str | int) -> Any:
        """One of the site's own texts in the view's language: `make(view, *values)`."""
        return make(self, *values)
