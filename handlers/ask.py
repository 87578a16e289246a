"""A read request, taken apart once: what every page function is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from conf.gates import enabled
from conf.limits import MAX_PARAMETERS
from conf.locales import UNDETERMINED, canonical, is_code, request_locale
from conf.vocabulary import APPS, DEFAULT_APP
from handlers.errors import detail
from index.view import View

# Signs that fill lists of guids. Decoded all at once: none of them can begin, end or part anything.
_COMMON = (("%2C", ","), ("%7B", "{"), ("%7D", "}"), ("%40", "@"))
# Parameters that speak by being there (reference/conventions.md 2 and 8.2). Any other one without a value
# is absent (clients.md 0), for programs send the fields of a form that nobody has filled in.
_FLAGS = frozenset({"disable_caching", "wrap_outgoing_links"})


@dataclass(frozen=True, slots=True)
class Ask:
    """`params` holds the last value of each parameter (reference/conventions.md 2), if it is not empty."""

    origin: str  # scheme://host the client used
    path: str  # as sent, percent-encoded
    pairs: list[tuple[str, str]]  # all parameters, in the order sent
    params: Mapping[str, str]
    view: View
    country: str | None  # X-Country-Code, upper case


def _parse_pairs(query: str) -> list[tuple[str, str]]:
    """The query string decoded; broken percent-encoding and UTF-8 become U+FFFD, never an error.

    Raises ValueError above MAX_PARAMETERS pairs.
    """
    if not query:
        return []
    for code, sign in _COMMON:
        query = query.replace(code, sign)
    return parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=MAX_PARAMETERS)


def app_of(app: str | None, user_agent: str | None) -> str:
    """The application segment of site URLs: the `app` parameter, else the browser (conventions.md 6)."""
    if app and app.lower() in APPS:
        return app.lower()
    return _browser(user_agent[:300]) if user_agent else DEFAULT_APP


@lru_cache(maxsize=1024)
def _browser(user_agent: str) -> str:
    return "android" if "Android" in user_agent and "Firefox" in user_agent else DEFAULT_APP


def _content_language(version: str, lang: str, locale: str) -> str:
    """What is no code names no text: the default ones in v3 and v4 (rulings). Raises Refusal 400 in v5."""
    if is_code(lang):
        return canonical(lang)
    if enabled(version, "flat_translations"):
        return UNDETERMINED
    raise detail(400, "language_code_invalid", locale)


def make_ask(version: str, origin: str, path: str, query: str, headers: Mapping[str, str]) -> Ask:
    try:
        pairs = _parse_pairs(query)
    except ValueError:
        locale = request_locale(None, headers.get("Accept-Language"))
        raise detail(400, "too_many_parameters", locale, limit=MAX_PARAMETERS) from None
    params = {name: value for name, value in dict(pairs).items() if value or name in _FLAGS}
    lang = params.get("lang", "").strip()
    locale = request_locale(lang, headers.get("Accept-Language"))
    country = headers.get("X-Country-Code")
    view = View(
        version=version,
        lang=_content_language(version, lang, locale) if lang else None,
        locale=locale,
        app=app_of(params.get("app"), headers.get("User-Agent")),
        wrap="wrap_outgoing_links" in params and enabled(version, "wrap_outgoing_links"),
    )
    return Ask(origin, path, pairs, params, view, country.upper() if country else None)
