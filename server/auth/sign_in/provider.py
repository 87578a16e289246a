"""The identity provider, which signs users in by OpenID Connect (contract/auth.md 8).

    provider = IdentityProvider("https://id.example.org", "amoeba", "secret")
    address = await provider.login_address(attempt, redirect_uri, state)      # where the browser is sent
    identity = await provider.identify(code, attempt, redirect_uri, None)     # whom the code identifies
    claims = await provider.event_claims(token)                               # a signed event
    await provider.close()

The provider's metadata and keys are fetched when they are first needed and cached for an hour; stale ones
serve while it is away. An unknown key id fetches the keys again, at most once a minute. PyJWT checks
signatures, by the algorithms listed here only: neither "none" nor one that would take a public key for a
secret. Nothing here logs or repeats a code, a token or the secret.

Thread rule: event loop only.
"""

import asyncio
import base64
import logging
import secrets
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote_plus, urlencode

import orjson

from conf.limits import MAX_EMAIL
from conf.settings.checks import email as email_fault
from index.cache import BoundedCache
from server.auth.sign_in.attempt import Attempt
from server.errors import AmoebaError
from server.log_once import LogOnce
from server.outside.http_client import HttpClient, NoAnswer, ServiceAnswer

if TYPE_CHECKING:
    import jwt

log = logging.getLogger(__name__)

TIMEOUT: Final = 5.0  # seconds of each request
CONNECTIONS: Final = 8
MAX_WAITING: Final = 64  # codes exchanged at a time
CACHE_SECONDS: Final = 3600.0
KEYS_PAUSE: Final = 60.0  # seconds between two fetches for an unknown key id
ALGORITHMS: Final = ("RS256", "ES256")
SCOPES: Final = "openid profile email"
_MAX_SUBJECT: Final = 255  # OpenID Connect Core, 2
# Errors about this server's registration as a client, not about the code.
_CLIENT_ERRORS: Final = ("invalid_client", "invalid_scope", "unauthorized_client")
_MAX_MODULUS: Final = 1366  # characters of base64 for 8,192 bits
_MAX_EXPONENT: Final = 11  # for 64 bits
_LEEWAY: Final = 60  # seconds the clocks may differ
_DISCOVERY: Final = "/.well-known/openid-configuration"


class ProviderUnavailable(AmoebaError):
    """The provider does not answer, or not as OpenID Connect requires; the text contains no secret."""


class NotIdentified(AmoebaError):
    """The code or the token proves nobody's identity."""


class Identity(NamedTuple):
    """Who signed in. `email` is None if the provider says that it is unverified."""

    subject: str
    email: str | None
    is_verified: bool  # the provider says that the user owns the address


class _Metadata(NamedTuple):
    """The provider's discovery document (OpenID Connect Discovery, 3)."""

    issuer: str  # as tokens spell it
    authorization: str
    token: str
    userinfo: str | None
    keys: str
    accepts_basic: bool  # the client secret is sent in a header, else in the form
    sends_issuer: bool  # with the code (RFC 9207)


class IdentityProvider:
    """`issuer` without the final slash; without a `secret` the client is a public one."""

    def __init__(self, issuer: str, client_id: str, secret: str | None) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._client = HttpClient(TIMEOUT, CONNECTIONS)
        self._cache: BoundedCache[Any] = BoundedCache(2, CACHE_SECONDS)
        self._last_key_fetch = float("-inf")  # for an unknown key id
        self._waiting = 0
        self.outages = LogOnce(log)  # of the provider

    async def close(self) -> None:
        await self._cache.close()
        await self._client.close()

    async def login_address(self, attempt: Attempt, redirect_uri: str, state: str) -> str:
        """Where the browser signs in; it comes back to `redirect_uri`. Raises ProviderUnavailable."""
        metadata = await self._metadata()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPES,
            "state": state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{metadata.authorization}{'&' if '?' in metadata.authorization else '?'}{urlencode(query)}"

    async def identify(self, code: str, attempt: Attempt, redirect_uri: str, issuer: str | None) -> Identity:
        """The user whom the code identifies; `issuer` is the browser's. Raises NotIdentified,
        ProviderUnavailable.
        """
        if self._waiting >= MAX_WAITING:
            raise ProviderUnavailable("too many sign-ins at a time")
        self._waiting += 1
        try:
            async with asyncio.timeout(2 * TIMEOUT):
                return await self._identify(code, attempt, redirect_uri, issuer)
        except TimeoutError:
            raise ProviderUnavailable("several slow answers") from None
        finally:
            self._waiting -= 1

    async def _identify(self, code: str, attempt: Attempt, redirect_uri: str, issuer: str | None) -> Identity:
        metadata = await self._metadata()
        if (issuer is not None or metadata.sends_issuer) and issuer != metadata.issuer:
            raise NotIdentified("an answer of another provider")
        tokens = await self._exchange(metadata, code, attempt, redirect_uri)
        claims = await self._claims(metadata, str(tokens.get("id_token")))
        _check_nonce(claims, attempt)
        return await self._identity(metadata, claims, tokens)

    async def event_claims(self, token: str) -> dict[str, Any]:
        """What a signed event says (RFC 8417). Raises NotIdentified, ProviderUnavailable."""
        claims = await self._claims(await self._metadata(), token, expires=False)
        if not isinstance(claims.get("events"), dict):
            raise NotIdentified("a token without events")
        return claims

    # -- metadata

    async def _metadata(self) -> _Metadata:
        metadata: _Metadata = await self._load("about", self._fetch_metadata)
        return metadata

    async def _load(self, name: str, fetch: Any) -> Any:
        """The cached value, or a fetched one; if fetching fails, the expired one, which is probably right."""
        try:
            return await self._cache.load(name, fetch)
        except ProviderUnavailable:
            old = self._cache.get_stale(name)
            if old is None:
                raise
            return old

    async def _fetch_metadata(self) -> _Metadata:
        metadata = _parse(await self._get(self._issuer + _DISCOVERY))
        issuer = metadata.get("issuer")
        if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer:
            raise ProviderUnavailable("what it says of itself names another issuer")
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return _Metadata(
            issuer,
            self._address(metadata, "authorization_endpoint"),
            self._address(metadata, "token_endpoint"),
            self._address(metadata, "userinfo_endpoint") if metadata.get("userinfo_endpoint") else None,
            self._address(metadata, "jwks_uri"),
            isinstance(methods, list) and "client_secret_basic" in methods,
            metadata.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, metadata: Mapping[str, Any], name: str) -> str:
        """An endpoint, HTTPS where the issuer is. Raises ProviderUnavailable."""
        address = metadata.get(name)
        scheme = "https://" if self._issuer.startswith("https:") else ("http://", "https://")
        if not isinstance(address, str) or not address.startswith(scheme) or not address.isprintable():
            raise ProviderUnavailable(f"what it says of itself has no usable {name}")
        return address

    # -- tokens

    async def _exchange(
        self, metadata: _Metadata, code: str, attempt: Attempt, redirect_uri: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": attempt.verifier,
        }
        headers = {}
        if self._secret is not None and metadata.accepts_basic:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._secret)}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif self._secret is not None:
            form["client_secret"] = self._secret
        try:
            answer = await self._client.post_form(metadata.token, form, headers)
        except NoAnswer as fault:
            raise ProviderUnavailable(str(fault)) from fault
        if answer.status in (400, 401, 403):
            error = _error_code(answer)
            if error in _CLIENT_ERRORS:
                raise ProviderUnavailable(f"it does not take our client: {error}")
            raise NotIdentified(f"the code was not taken: {error}")
        return _parse(answer)

    async def _claims(self, metadata: _Metadata, token: str, *, expires: bool = True) -> dict[str, Any]:
        """The claims of a token the provider signed for us. Raises NotIdentified, ProviderUnavailable."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise NotIdentified("a token signed in another way than by a key pair")
            claims: dict[str, Any] = jwt.decode(
                token,
                await self._key(metadata, header.get("kid")),
                algorithms=ALGORITHMS,
                audience=self._client_id,
                issuer=metadata.issuer,
                leeway=_LEEWAY,
                options={"require": ["iss", "aud", "iat", "sub", *(["exp"] if expires else [])]},
            )
        except (jwt.PyJWTError, OverflowError) as fault:
            raise NotIdentified(f"a token that is not good: {type(fault).__name__}") from fault
        _check_audience(claims, self._client_id)
        subject = claims["sub"]
        if not (isinstance(subject, str) and 0 < len(subject) <= _MAX_SUBJECT and subject.isprintable()):
            raise NotIdentified("a token about nobody")
        return claims

    async def _key(self, metadata: _Metadata, name: Any) -> "jwt.PyJWK":
        """The provider's key of this id, or its only one. Raises NotIdentified, ProviderUnavailable and
        PyJWTError.
        """
        import jwt

        async def fetch() -> list[dict[str, Any]]:
            keys = _parse(await self._get(metadata.keys)).get("keys")
            return [key for key in keys if _is_signing(key)] if isinstance(keys, list) else []

        jwk = _find_key(await self._load("keys", fetch), name)
        if jwk is None and time.monotonic() >= self._last_key_fetch + KEYS_PAUSE:
            self._last_key_fetch = time.monotonic()
            self._cache.drop("keys")
            jwk = _find_key(await self._load("keys", fetch), name)
        if jwk is None:
            raise NotIdentified("a token signed by a key that the provider does not name")
        try:
            return jwt.PyJWK.from_dict(jwk)
        except (ValueError, TypeError, KeyError, OverflowError) as fault:
            raise NotIdentified("a token signed by a key that is none") from fault

    async def _identity(
        self, metadata: _Metadata, claims: Mapping[str, Any], tokens: Mapping[str, Any]
    ) -> Identity:
        """The identity, with the e-mail address of the token, or of the profile the access token gives access
        to.
        """
        subject, access = claims["sub"], tokens.get("access_token")
        profile = claims
        if "email" not in claims and metadata.userinfo and isinstance(access, str) and _is_token(access):
            profile = _parse(await self._get(metadata.userinfo, {"Authorization": f"Bearer {access}"}))
            if profile.get("sub") != subject:
                raise NotIdentified("a profile of somebody else")
        email = profile.get("email")
        if not is_address(email) or profile.get("email_verified") is False:
            email = None
        return Identity(subject, email, profile.get("email_verified") is True)

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> ServiceAnswer:
        try:
            return await self._client.get(url, headers)
        except NoAnswer as fault:
            raise ProviderUnavailable(str(fault)) from fault


def is_address(value: Any) -> bool:
    """Whether a claim is an e-mail address."""
    if not isinstance(value, str) or len(value) > MAX_EMAIL or not value.isprintable():
        return False
    return email_fault(value) is None


def _parse(answer: ServiceAnswer) -> dict[str, Any]:
    """The JSON object of an answer. Raises ProviderUnavailable."""
    if answer.status != 200:
        raise ProviderUnavailable(f"status {answer.status}")
    try:
        parsed = orjson.loads(answer.body)
    except ValueError:
        raise ProviderUnavailable("an answer that is no JSON") from None
    if not isinstance(parsed, dict):
        raise ProviderUnavailable("an answer that is no object")
    return parsed


def _error_code(answer: ServiceAnswer) -> str:
    """The error code if RFC 6749 defines it, else the status, because any other text may repeat secrets."""
    try:
        code = orjson.loads(answer.body)["error"]
    except (ValueError, TypeError, KeyError):
        code = None
    return code if code in (*_CLIENT_ERRORS, "invalid_grant") else f"status {answer.status}"


def _check_nonce(claims: Mapping[str, Any], attempt: Attempt) -> None:
    """Raises NotIdentified for a token that was made for another sign-in."""
    nonce = str(claims.get("nonce")).encode("utf-8", "replace")
    if not secrets.compare_digest(nonce, attempt.nonce.encode()):
        raise NotIdentified("a token of another sign-in")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences is ours only if it was issued to us. Raises NotIdentified."""
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise NotIdentified("a token that was issued to another")


def _is_token(text: str) -> bool:
    """Whether the text can be sent in a header."""
    return text.isascii() and text.isprintable()


def _is_signing(key: Any) -> bool:
    """Whether the key signs tokens and is small enough to check a signature quickly."""
    if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC") or key.get("use", "sig") != "sig":
        return False
    return len(str(key.get("n", ""))) <= _MAX_MODULUS and len(str(key.get("e", ""))) <= _MAX_EXPONENT


def _find_key(keys: list[dict[str, Any]], name: Any) -> dict[str, Any] | None:
    if name is None and len(keys) == 1:
        return keys[0]
    return next((key for key in keys if name is not None and key.get("kid") == name), None)
