"""Bearer tokens and the server's secrets: what verifies, what does not, and for how long."""

import base64
import json
import time

import pytest

from conf.limits import TOKEN_AGE
from server import clock
from server.auth.callers import AuthenticationFailed
from server.auth.credentials.sessions import is_valid, make_session, session_id
from server.auth.credentials.tokens import API, make_token, read_token
from server.auth.keys.keyring import Keyring, Secret, Unsealable, new_secret, rotated
from tests.factories import make_user

RING = [new_secret()]
KEYS = Keyring(RING)
USER = make_user(_id=12345, auth_id="abc")


def failure(token: str, keys: Keyring = KEYS) -> tuple[str, str | None]:
    with pytest.raises(AuthenticationFailed) as caught:
        read_token(token, keys)
    return caught.value.key, caught.value.code


UNDECODABLE = ("signature_undecodable", "ERROR_DECODING_SIGNATURE")
EXPIRED = ("signature_expired", "ERROR_SIGNATURE_EXPIRED")


def test_token_says_user_and_hash() -> None:
    claims = read_token(make_token(USER, KEYS), KEYS)
    assert claims.user_id == 12345
    assert KEYS.is_auth_hash(claims.auth_hash, "abc")
    assert not KEYS.is_auth_hash(claims.auth_hash, "abd")


def test_token_has_the_three_parts_of_the_contract() -> None:
    payload, _, _ = make_token(USER, KEYS).split(":")
    assert "=" not in payload
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert said.keys() == {"auth_hash", "user_id"}
    assert len(said["auth_hash"]) == 40
    int(said["auth_hash"], 16)


def test_secret_and_auth_id_are_not_in_the_token() -> None:
    token = make_token(make_user(auth_id="VISIBLE"), KEYS)
    assert "VISIBLE" not in token
    assert RING[0].text not in token


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a:b:c",
        ":::",
        "é:ü:ö",
        "a" * 10_000,
        make_token(USER, KEYS) + "x",
        make_token(USER, KEYS)[:-1],
        make_token(USER, KEYS).replace(":", "."),
        "A" + make_token(USER, KEYS)[1:],
        make_token(USER, Keyring([new_secret()])),
    ],
    ids=lambda token: token[:12] or "empty",
)
def test_forged_or_broken(token: str) -> None:
    assert failure(token) == UNDECODABLE


@pytest.mark.parametrize(
    ("age", "fails"),
    [
        (TOKEN_AGE - 60, None),
        (TOKEN_AGE + 2, EXPIRED),
        (10 * TOKEN_AGE, EXPIRED),
        (-30, None),  # another server's clock is ahead
        (-3600, UNDECODABLE),
    ],
)
def test_age(monkeypatch: pytest.MonkeyPatch, age: float, fails: tuple[str, str] | None) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - age)
    token = make_token(USER, KEYS)
    monkeypatch.undo()
    if fails:
        assert failure(token) == fails
    else:
        assert read_token(token, KEYS).user_id == 12345


@pytest.mark.parametrize(
    "payload", [b"{}", b"[]", b"7", b"null", b"\xff", b'{"user_id":"x","auth_hash":"y"}', b'{"user_id":1}']
)
def test_good_signature_without_user_is_incorrect_without_code(payload: bytes) -> None:
    token = KEYS.signer(API.salt).sign(base64.urlsafe_b64encode(payload).rstrip(b"=")).decode()
    assert failure(token) == ("bad_credentials", None)


def test_replaced_secret_verifies_until_its_tokens_are_too_old() -> None:
    token = make_token(USER, KEYS)
    ring = rotated(RING)
    after = Keyring(ring)
    assert read_token(token, after).user_id == 12345
    assert after.is_auth_hash(read_token(token, after).auth_hash, "abc")
    assert make_token(USER, after) != token
    old = Secret(RING[0].text, clock.shifted(-TOKEN_AGE - 60))
    assert failure(token, Keyring([ring[0], old])) == UNDECODABLE
    assert [secret.text for secret in rotated([ring[0], old])][1:] == [ring[0].text]


def test_forgotten_secret_verifies_nothing() -> None:
    assert failure(make_token(USER, KEYS), Keyring(rotated(RING)[:1])) == UNDECODABLE


def test_sealed_text_opens_with_any_secret_of_the_ring() -> None:
    sealed = KEYS.seal("hush")
    assert "hush" not in sealed
    assert KEYS.unseal(sealed) == Keyring(rotated(RING)).unseal(sealed) == "hush"
    for keys, text in ((Keyring([new_secret()]), sealed), (KEYS, sealed[:-5]), (KEYS, "é"), (KEYS, "")):
        with pytest.raises(Unsealable):
            keys.unseal(text)


def test_no_secret_in_repr() -> None:
    assert RING[0].text not in repr(RING)


def test_session_is_known_by_the_hash_of_its_key() -> None:
    key, session = make_session(USER, KEYS)
    assert session["_id"] == session_id(key)
    assert key not in str(session)
    assert is_valid(session)
    assert not is_valid({**session, "expires": clock.shifted(-1)})
    assert make_session(USER, KEYS)[0] != key
