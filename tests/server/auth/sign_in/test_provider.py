"""What is taken from an identity provider, and what is not: tokens, keys, answers (contract/auth.md 8.2)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conf.limits import MAX_SERVICE_ANSWER
from server.auth.sign_in import provider as module
from server.auth.sign_in.attempt import Attempt
from server.auth.sign_in.provider import Identity, IdentityProvider, NotIdentified, ProviderUnavailable
from tests.identity_provider import (
    ABOUT,
    CLIENT_ID,
    CLIENT_SECRET,
    KEYS,
    PROFILE,
    TOKEN,
    Instead,
    Provider,
    running_provider,
    says,
    waits,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ATTEMPT, BACK = Attempt.begin(), "http://127.0.0.1/back"
OTHER_KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def service() -> Iterator[Provider]:
    with running_provider() as service:
        yield service


@asynccontextmanager
async def client(service: Provider, **instead: Instead) -> AsyncIterator[IdentityProvider]:
    """One that has kept nothing; the provider has our key, and takes any code."""
    made = IdentityProvider(service.url, CLIENT_ID, CLIENT_SECRET)
    service.instead = {KEYS: says({"keys": [service.public_key()]})}
    service.asked.clear()
    try:
        yield made
    finally:
        service.instead = {}
        await made.close()


async def identify(made: IdentityProvider, service: Provider, token: Any, **more: Any) -> Identity:
    service.instead[TOKEN] = says({"id_token": token, "token_type": "Bearer", **more})
    return await made.identify("code", ATTEMPT, BACK, None)


def good(service: Provider, **claims: Any) -> str:
    return service.token(ATTEMPT.nonce, **claims)


def unsigned(service: Provider) -> str:
    claims = jwt.decode(good(service), options={"verify_signature": False})
    return jwt.encode(claims, "", "none", headers={"kid": "ours"})


def by_public_key(service: Provider) -> str:
    """HS256 with what everybody knows as the secret: PyJWT itself refuses to make one, so by hand."""
    pem = service.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(good(service), options={"verify_signature": False})
    signing = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    text = jwt.encode(claims, "x" * 32, "HS256", headers={"kid": "ours"}).rpartition(".")[0]
    signature = signing.sign(text.encode(), pem)
    return f"{text}.{jwt.utils.base64url_encode(signature).decode()}"


def headed(service: Provider, key: Any = OTHER_KEY, **headers: Any) -> str:
    """Signed by another's key, which the header vouches for."""
    claims = jwt.decode(good(service), options={"verify_signature": False})
    signing = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    parts = ({"alg": "RS256", "kid": "ours"} | headers, claims)
    text = b".".join(jwt.utils.base64url_encode(json.dumps(part).encode()) for part in parts)
    return (text + b"." + jwt.utils.base64url_encode(signing.sign(text, key))).decode()


def number(key: Any) -> str:
    """The modulus of a key, as lists of keys have it."""
    return str(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))["n"])


def tampered(service: Provider) -> str:
    head, body, signature = good(service).split(".")
    other = service.token(ATTEMPT.nonce, sub="somebody else").split(".")[1]
    assert other != body
    return f"{head}.{other}.{signature}"


NOW = int(time.time())
TOKENS: dict[str, Callable[[Provider], Any]] = {
    "alg none": unsigned,
    "HS256 with the public key": by_public_key,
    "HS256 with the client's secret": lambda s: good(s, key=CLIENT_SECRET.ljust(32), alg="HS256"),
    "RS512, which nobody asked for": lambda s: good(s, alg="RS512"),
    "another's key": lambda s: good(s, key=OTHER_KEY),
    "another kind of key": lambda s: good(s, key=ec.generate_private_key(ec.SECP256R1()), alg="ES256"),
    "a key in its own header": lambda s: headed(s, jwk=s.public_key(kid="ours", n=number(OTHER_KEY))),
    "the place of another's key": lambda s: headed(s, jku=f"{s.url}/theirs", x5u=f"{s.url}/theirs"),
    "a certificate of its own": lambda s: headed(s, x5c=["AAAA"]),
    "what must be understood": lambda s: headed(s, s.key, crit=["x"], x=1),
    "a name of a key that is no text": lambda s: headed(s, s.key, kid=["ours"]),
    "tampered with": tampered,
    "no token": lambda s: "a.b.c",
    "no text": lambda s: {"a": 1},
    "none at all": lambda s: None,
    "empty": lambda s: "",
    "another issuer": lambda s: good(s, iss="https://evil.example"),
    "the issuer with a slash": lambda s: good(s, iss=s.url + "/"),
    "no issuer": lambda s: good(s, iss=None),
    "another audience": lambda s: good(s, aud="another"),
    "no audience": lambda s: good(s, aud=None),
    "several audiences": lambda s: good(s, aud=[CLIENT_ID, "another"]),
    "several audiences, issued to another": lambda s: good(s, aud=[CLIENT_ID, "another"], azp="another"),
    "issued to another": lambda s: good(s, azp="another"),
    "expired": lambda s: good(s, iat=NOW - 900, exp=NOW - 300),
    "without an end": lambda s: good(s, exp=None),
    "not begun": lambda s: good(s, iat=NOW + 900, exp=NOW + 1200),
    "not before": lambda s: good(s, nbf=NOW + 900),
    "without a time": lambda s: good(s, iat=None),
    "a time that is none": lambda s: good(s, iat="soon"),
    "a time without end": lambda s: good(s, iat=float("inf")),
    "another nonce": lambda s: s.token(Attempt.begin().nonce),
    "no nonce": lambda s: s.token(None),
    "a nonce that is no text": lambda s: s.token([ATTEMPT.nonce]),
    "no subject": lambda s: good(s, sub=None),
    "an empty subject": lambda s: good(s, sub=""),
    "a long subject": lambda s: good(s, sub="x" * 256),
    "a subject of half a sign": lambda s: good(s, sub="\ud800"),
    "a subject of no signs": lambda s: good(s, sub="a\x00b"),
    "a subject that is a number": lambda s: good(s, sub=7),
}


async def test_tokens_that_identify_nobody(service: Provider) -> None:
    taken = []
    async with client(service) as made:
        for name, token in TOKENS.items():
            try:
                taken.append((name, await identify(made, service, token(service))))
            except NotIdentified as fault:
                assert "eyJ" not in str(fault), name
        assert taken == []
        assert not [path for path, *_ in service.asked if path == "/theirs"]
        # Their like that is good, so that each of the above fails for its own reason.
        for claims in ({}, {"azp": CLIENT_ID}, {"aud": [CLIENT_ID]}, {"exp": int(time.time()) - 10}):
            found = await identify(made, service, good(service, **claims))
            assert found == Identity("forged", "forged@example.org", False)
        assert await identify(made, service, headed(service, service.key, typ="JWT"))
        assert (await identify(made, service, good(service, email="\ud800@x.org"))).email is None
        # And a token without the name of its key, where there is one key.
        claims = jwt.decode(good(service), options={"verify_signature": False})
        await identify(made, service, jwt.encode(claims, service.key, "RS256"))


ANSWERS: dict[str, tuple[str, Callable[[Provider], Instead]]] = {
    "what it says of itself is of another": (ABOUT, lambda s: says({"issuer": "https://evil.example"})),
    "it says nothing of itself": (ABOUT, lambda s: says({})),
    "it has no addresses": (ABOUT, lambda s: says({"issuer": s.url})),
    "it leads elsewhere": (ABOUT, lambda s: says(b"", "302 Found", Location=s.url + KEYS)),
    "it is unwell": (ABOUT, lambda s: says({}, "500 Internal Server Error")),
    "it says too much": (ABOUT, lambda s: says(b'"' + b"x" * MAX_SERVICE_ANSWER + b'"')),
    "it says levels": (ABOUT, lambda s: says(b"[" * 60_000)),
    "it has a list": (ABOUT, lambda s: says([])),
    "its tokens are unwell": (TOKEN, lambda s: says({}, "502 Bad Gateway")),
    "its tokens are huge": (TOKEN, lambda s: says({"id_token": "x" * MAX_SERVICE_ANSWER})),
    "it does not know us": (TOKEN, lambda s: says({"error": "invalid_client"}, "401 Unauthorized")),
    "its keys are huge": (KEYS, lambda s: says({"keys": ["x" * MAX_SERVICE_ANSWER]})),
    "its keys are away": (KEYS, lambda s: says({}, "503 Service Unavailable")),
    "it is slow": (TOKEN, lambda s: waits(3)),
    "its profiles are away": (PROFILE, lambda s: says({}, "500 Internal Server Error")),
}
KEY_SETS: dict[str, Callable[[Provider], Any]] = {
    "no keys": lambda s: {},
    "no list": lambda s: {"keys": 1},
    "odd ones": lambda s: {"keys": [1, None, [], {}, {"kty": "oct", "kid": "ours", "k": "eA"}]},
    "a secret": lambda s: {"keys": [{"kty": "oct", "kid": "ours", "k": "eA", "alg": "HS256"}]},
    "for encryption": lambda s: {"keys": [s.public_key(use="enc")]},
    "another name": lambda s: {"keys": [s.public_key(kid="theirs")]},
    "half a key": lambda s: {"keys": [{"kty": "RSA", "kid": "ours", "e": "AQAB"}]},
    "an odd number": lambda s: {"keys": [s.public_key(n="!")]},
    "a key of another use": lambda s: {"keys": [s.public_key(alg="RS512")]},
    # What a signature would cost to check: no library is asked.
    "a modulus of 40,000 bits": lambda s: {"keys": [s.public_key(n="_" * 6700)]},
    "an exponent of 2,000 bits": lambda s: {"keys": [s.public_key(e="_" * 333)]},
}


async def test_answers_that_are_none(service: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider is as good as away; nothing of what it said is in the fault."""
    wrong: list[Any] = []
    monkeypatch.setattr(module, "TIMEOUT", 0.5)
    for name, (path, instead) in ANSWERS.items():
        async with client(service) as made:
            service.instead[TOKEN] = says({"id_token": good(service, email=None), "access_token": "secret"})
            service.instead[path] = instead(service)
            try:
                wrong.append((name, await made.identify("code", ATTEMPT, BACK, None)))
            except ProviderUnavailable as fault:
                if "secret" in str(fault) or "xxx" in str(fault):
                    wrong.append((name, fault))
    assert wrong == []
    for name, keys in KEY_SETS.items():
        async with client(service) as made:
            service.instead[KEYS] = says(keys(service))
            with suppress(NotIdentified):
                wrong.append((name, await identify(made, service, good(service))))
    assert wrong == []
    nobody = IdentityProvider("http://127.0.0.1:9", CLIENT_ID, None)
    with pytest.raises(ProviderUnavailable):
        await nobody.login_address(ATTEMPT, BACK, "state")
    await nobody.close()


async def test_the_profile_is_of_the_same_subject(service: Provider) -> None:
    rows: dict[str, tuple[Any, Any]] = {
        "the same": ({"sub": "forged", "email": "a@x.org", "email_verified": True}, "a@x.org"),
        "unverified": ({"sub": "forged", "email": "a@x.org", "email_verified": False}, None),
        "without": ({"sub": "forged"}, None),
        "long": ({"sub": "forged", "email": "a" * 250 + "@x.org"}, None),
        "another": ({"sub": "another", "email": "a@x.org"}, NotIdentified),
        "nobody": ({"email": "a@x.org"}, NotIdentified),
    }
    wrong = []
    async with client(service) as made:
        for name, (profile, expected) in rows.items():
            service.instead[PROFILE] = says(profile)
            token = good(service, email=None)
            try:
                found: Any = (await identify(made, service, token, access_token="t")).email
            except NotIdentified:
                found = NotIdentified
            if found != expected:
                wrong.append((name, found))
        assert wrong == []
        assert {secret for path, _, secret in service.asked if path == PROFILE} == {"Bearer t"}
        # What no header can have is not sent, and there is no address then.
        found = await identify(made, service, good(service, email=None), access_token="a\r\nX: y")
        assert found.email is None


async def test_how_it_is_asked(service: Provider) -> None:
    """Once for all; keys anew where one is not known, but not each time; old answers while it is away."""
    async with client(service) as made:
        await asyncio.gather(*(made.login_address(ATTEMPT, BACK, "s") for _ in range(5)))
        assert [path for path, *_ in service.asked] == [ABOUT]
        service.instead[KEYS] = says({"keys": [service.public_key(kid="older")]})
        for _ in range(5):
            with pytest.raises(NotIdentified):
                await identify(made, service, good(service))
        assert [path for path, *_ in service.asked].count(KEYS) == 2
        made._last_key_fetch = float("-inf")  # a minute later
        service.instead[KEYS] = says({"keys": [service.public_key()]})
        assert (await identify(made, service, good(service))).subject == "forged"
        made._cache._seconds = 0.0  # an hour later
        service.instead[ABOUT] = service.instead[KEYS] = says({}, "500 Internal Server Error")
        assert (await identify(made, service, good(service))).subject == "forged"
        assert "nonce=" in await made.login_address(ATTEMPT, BACK, "s")


async def test_how_it_wants_the_secret(service: Provider) -> None:
    about = {
        "issuer": service.url,
        "authorization_endpoint": f"{service.url}/authorize?tenant=1",
        "token_endpoint": service.url + TOKEN,
        "jwks_uri": service.url + KEYS,
    }
    rows: list[tuple[Any, str | None, bool, bool]] = [
        ({}, CLIENT_SECRET, True, False),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, CLIENT_SECRET, False, True),
        ({}, None, False, False),
    ]
    for more, secret, in_header, in_form in rows:
        async with client(service):
            made = IdentityProvider(service.url, CLIENT_ID, secret)
            service.instead[ABOUT] = says(about | more)
            await identify(made, service, good(service))
            assert "?tenant=1&response_type=code" in await made.login_address(ATTEMPT, BACK, "s")
            [(_, form, header)] = [asked for asked in service.asked if asked[0] == TOKEN]
            assert (header == service.basic(), "client_secret" in form) == (in_header, in_form)
            assert form["client_id"] == CLIENT_ID and form["code_verifier"] == ATTEMPT.verifier
            await made.close()


async def test_which_provider_answered(service: Provider) -> None:
    """RFC 9207: the answer of another one is not brought to ours."""
    async with client(service) as made:
        service.instead[TOKEN] = says({"id_token": good(service)})
        assert (await made.identify("code", ATTEMPT, BACK, service.url)).subject == "forged"
        with pytest.raises(NotIdentified):
            await made.identify("code", ATTEMPT, BACK, "https://evil.example")
        assert [path for path, *_ in service.asked].count(TOKEN) == 1


async def test_many_at_a_time(service: Provider) -> None:
    async with client(service) as made:
        service.instead[TOKEN] = says({"id_token": good(service)})
        waiting = [made.identify("code", ATTEMPT, BACK, None) for _ in range(module.MAX_WAITING + 5)]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        away = [one for one in found if isinstance(one, ProviderUnavailable)]
        assert len(away) == 5 and not any(isinstance(one, NotIdentified) for one in found)


def test_an_encrypted_issuer_has_encrypted_addresses() -> None:
    made = IdentityProvider("https://id.example.org", CLIENT_ID, None)
    for address in ("http://id.example.org/token", "javascript:alert(1)", "https://a\n", 7, None):
        with pytest.raises(ProviderUnavailable):
            made._address({"token_endpoint": address}, "token_endpoint")
    assert made._address({"token_endpoint": "https://x.example/t"}, "token_endpoint")
