"""Inbound mail, as a mail service posts it (contract/activity.md 3).

The answers come in the order of contract/activity.md 3.2: the site's mode and the method,
then who calls, how much, what, and with which secret. Faults of a mail itself
are never answered: 201 says that it is stored and will be processed.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec
import orjson

from conf.limits import MAX_MAIL_ITEMS
from handlers.http.base import ANYBODY, ApiHandler
from handlers.http.bodies.bodies import FORMS, JSON, check_items, form_fields, json_fault, read_json
from server.addresses import is_listed
from server.auth.keys.shared_secrets import is_shared_secret
from server.mail.inbox import accept

_VALIDATION: Final = "Validation"


class _Envelope(msgspec.Struct):
    SecretKey: msgspec.Raw = msgspec.Raw(b"null")


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)


class InboundMailHandler(ApiHandler):
    title = "Inbound Email"
    access: ClassVar = {"POST": ANYBODY}  # the secret is in the body
    mechanisms = ()

    async def post(self) -> None:
        self._check_client()
        self._check_size()
        form = self._form()
        self._check_secret(_read_secret(self.request.body, self.locale_name) if form is None else form)
        posted = self._object() if form is None else form
        key = self.site.settings.inbound_email_validation_key or ""
        if posted.get("Type") == _VALIDATION:
            self.send_json(key)
            return
        if not posted.get("Message"):
            raise self.error(400, "mail_without_message")
        await accept(self.site.store, posted)
        self.send_json(key, 201)

    def _check_client(self) -> None:
        settings = self.site.settings
        allowed = tuple(settings.allowed_clients_email_api)
        if allowed and not is_listed(self.address, allowed):
            raise self.error(403, "permission_denied")

    def _check_size(self) -> None:
        limit = self.site.settings.inbound_max_bytes
        if len(self.request.body) > limit:
            raise self.error(413, "body_too_large", limit=limit)

    def _form(self) -> dict[str, Any] | None:
        """The form that older mail services send as a ping; None for JSON, whatever its Content-Type is."""
        body = self.request.body
        kind = self.request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
        if kind in FORMS and not body.lstrip().startswith(b"{"):
            return {**form_fields(self.request, self.locale_name)}
        if kind not in (JSON, *FORMS):
            raise self.error(415, "unsupported_media_type", type=kind)
        return None

    def _object(self) -> dict[str, Any]:
        posted = read_json(self.request.body, self.locale_name, MAX_MAIL_ITEMS)
        return posted if isinstance(posted, dict) else {}

    def _check_secret(self, posted: Mapping[str, Any]) -> None:
        """Raises Refusal 403, even for every secret if the settings have none."""
        claimed = posted.get("SecretKey")
        secret = self.site.settings.inbound_email_secret_key
        if not isinstance(claimed, str) or not is_shared_secret(claimed, secret):
            raise self.error(403, "permission_denied")


def _read_secret(body: bytes, locale: str) -> dict[str, Any]:
    """Parses only the secret, because the rest of an unknown sender's JSON is not worth the work.
    Raises Refusal 400.
    """
    if not body:
        return {}
    check_items(body, locale, MAX_MAIL_ITEMS)
    try:
        raw = bytes(_ENVELOPE.decode(body).SecretKey)
        return {"SecretKey": orjson.loads(raw)} if raw.startswith(b'"') else {}
    except msgspec.ValidationError:  # JSON that is no object has no secret
        return {}
    except (msgspec.DecodeError, orjson.JSONDecodeError, RecursionError) as fault:
        raise json_fault(body, fault, locale) from None
