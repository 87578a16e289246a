"""Signing out: DELETE accounts/session/ (contract/auth.md 7).

Sessions and tokens begin outside this API: `run.py token`.
"""

from handlers.http.base import ApiHandler
from handlers.http.reply import Reply

# What browsers of the website keep the credential in (contract/auth.md 1.1).
COOKIES = ("sessionid", "frontend_auth_token")


class SessionHandler(ApiHandler):
    title = "Session"
    signed_in = ("DELETE",)

    async def delete(self) -> None:
        await self.site.accounts.sign_out(self.caller)
        for name in COOKIES:
            self.clear_cookie(name)
        self.send_json({"ok": True})

    def send(self, reply: Reply) -> None:
        """Unlike the rest of the API, open to pages of one origin with their credentials."""
        origin = self.request.headers.get("Origin")
        if origin:
            reply.headers["Access-Control-Allow-Origin"] = origin
            reply.headers["Access-Control-Allow-Credentials"] = "true"
        super().send(reply)
