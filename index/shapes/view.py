"""What an answer's text depends on besides the document itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """How one caller wants documents shown; hashable, so it can key a cache."""

    version: str  # "v3", "v4" or "v5"
    lang: str | None = None  # the `lang` parameter, normalised; None when absent
    locale: str = "en-US"  # the request language: site URLs, catalogue strings
    app: str = "firefox"  # the application segment of site URLs
    wrap: bool = False  # v3/v4: `wrap_outgoing_links` was given

    @property
    def language(self) -> str:
        """Whose texts are looked for where one is chosen: `lang`, else the request language."""
        return self.lang or self.locale
