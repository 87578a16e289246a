"""The argument and the result of every page function: a parsed read request, and an answer."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from conf.gates import enabled
from conf.locales import UNDETERMINED, canonical, is_code
from conf.vocabulary import APPS, DEFAULT_APP
from handlers.http.replies.errors import Refusal, bare_detail, detail
from handlers.http.requests.received import Received
from index.catalogue import Catalogue
from index.documents.compression import Text
from index.documents.documents import AddonDocuments
from index.shapes.shape import Shapes
from index.shapes.view import View
from server.search_params.errors import ParameterError
from server.site import Site

# Parameters that count even without a value (contract/requests.md 2 and 8.2, contract/extras.md 3.1). All
# others are treated as missing then, because programs send empty fields of forms (contract/clients.md 0).
_FLAGS = frozenset({"disable_caching", "raw", "with_addons", "wrap_outgoing_links"})
_JSON = "json"  # the only `format`
Parsed = TypeVar("Parsed")
CACHE_SECONDS: Final = 360  # contract/requests.md 11


class Answer(NamedTuple):
    """A page function's 200; `headers` are added to those of every answer."""

    body: Text
    # Names the state that the body was made from, for the ETag; None: a hash of the body.
    tag: str | None = None
    max_age: int = CACHE_SECONDS
    headers: Mapping[str, str] = {}


def json_answer(value: Any, tag: str | None = None, max_age: int = CACHE_SECONDS) -> Answer:
    """The value as JSON; bytes that are JSON already are `orjson.Fragment`s."""
    return Answer(orjson.dumps(value), tag, max_age)


class ReadRequest(NamedTuple):
    """A parsed read; `params` has the last value of each parameter, if not empty (contract/requests.md 2)."""

    site: Site
    origin: str  # scheme://host of URLs in the answer
    path: str  # as sent, percent-encoded
    pairs: list[tuple[str, str]]  # all parameters, in their order
    params: Mapping[str, str]
    view: View
    country: str | None  # X-Country-Code, upper case
    representation: bytes  # a digest of everything that the answer to an anonymous caller depends on
    is_shared: bool  # shared caches may store the answer to an anonymous caller

    @property
    def shapes(self) -> Shapes:
        """The shapes of objects in the request's API version."""
        return self.site.shapes[self.view.version]

    @property
    def catalogue(self) -> Catalogue:
        return self.site.catalogue

    @property
    def documents(self) -> AddonDocuments:
        """The documents of public add-ons."""
        return self.site.catalogue.documents

    def enabled(self, gate: str) -> bool:
        """Whether the API version has this gate of conf/gates.py."""
        return enabled(self.view.version, gate)

    def bad_request(self, key: str, **values: object) -> Refusal:
        """400 with a text of the message table under `detail`."""
        return detail(400, key, self.view.locale, **values)

    def parsed(self, parse: Callable[..., Parsed], *args: Any, bare: bool = False) -> Parsed:
        """The result of `parse`. Raises Refusal 400 with the fault under `detail`, or as a bare array."""
        try:
            return parse(*args)
        except ParameterError as error:
            refuse = bare_detail if bare else detail
            raise refuse(400, error.key, self.view.locale, **error.values) from None

    def not_found(self) -> Refusal:
        return detail(404, "not_found", self.view.locale)


def read_request(version: str, received: Received) -> ReadRequest:
    """Raises Refusal: 400 (language, host), 404 (`format`), 406 (Accept)."""
    locale = received.locale
    origin, pairs = received.origin, received.pairs
    params = {name: value for name, value in received.last_values.items() if value or name in _FLAGS}
    # JSON is the only format (contract/requests.md 2 and 15).
    if params.get("format", _JSON) != _JSON:
        raise detail(404, "not_found", locale)
    if not received.accepts_json:
        raise detail(406, "not_acceptable", locale)
    lang = _content_language(version, received.lang, locale) if received.lang else None
    app = _app(params.get("app")) or received.browser
    wrap = "wrap_outgoing_links" in params and enabled(version, "wrap_outgoing_links")
    return ReadRequest(
        received.site,
        origin,
        received.path,
        pairs,
        params,
        _view(version, lang, locale, app, wrap),
        received.country,
        received.representation,
        is_shared="disable_caching" not in params,
    )


def read_plain(version: str, received: Received) -> ReadRequest:
    """Reads a request for a path outside the API, without `format` and `lang`. Raises Refusal 400 (host)."""
    params = {name: value for name, value in received.last_values.items() if value}
    return ReadRequest(
        received.site,
        received.origin,
        received.path,
        received.pairs,
        params,
        _view(version, None, received.locale, DEFAULT_APP, False),
        received.country,
        b"",  # because these paths have one representation
        is_shared=True,
    )


@lru_cache(maxsize=4096)
def _view(version: str, lang: str | None, locale: str, app: str, wrap: bool) -> View:
    return View(version, lang, locale, app, wrap)


def _content_language(version: str, lang: str, locale: str) -> str:
    """The language of `lang`; for an invalid code the default texts in v3 and v4 (contract/versions.md 14).
    Raises Refusal 400 in v5.
    """
    if is_code(lang):
        return canonical(lang)
    if enabled(version, "flat_translations"):
        return UNDETERMINED
    raise detail(400, "language_code_invalid", locale)


def _app(app: str | None) -> str | None:
    """The application that the `app` parameter names, for links to the site (contract/requests.md 6)."""
    return app.lower() if app and app.lower() in APPS else None
