"""Tokens: OAuth as HubSpot speaks it: refresh tokens, and access for thirty minutes."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox import tokens as shared
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.hubspot.kinds import KINDS, SYSTEM
from sandbox.hubspot.shapes import Document, Problem, correlation_id
from sandbox.store import Store
from sandbox.wire import FORM_TYPE, answer, body_of, form, made, media_type

TOKEN_SECONDS = 1800  # developers.hubspot.com, manage OAuth access tokens
PORTAL, APP, USER = 48_000_001, 2_600_001, 71_000_001
DOMAIN = "concord-sandbox.hubspot.example"
USER_NAME = "admin@concord-sandbox.example"
JOURNAL_SCOPES = (
    "developer.webhooks_journal.read",
    "developer.webhooks_journal.subscriptions.read",
    "developer.webhooks_journal.subscriptions.write",
)


def _all_scopes() -> tuple[str, ...]:
    of_kinds = [
        name
        for kind in KINDS
        for name in (
            (f"{kind.scope}.read", f"{kind.scope}.write")
            if "." in kind.scope
            else (kind.scope,)
        )
    ]
    schemas = [
        f"crm.schemas.{kind.name}.{right}"
        for kind in KINDS
        for right in ("read", "write")
    ]
    return ("oauth", *of_kinds, *schemas, "crm.objects.owners.read", *JOURNAL_SCOPES)


SCOPES = _all_scopes()
_STATUSES = {
    "BAD_GRANT_TYPE": "grant_type is missing or unknown",
    "BAD_CLIENT_ID": "missing or unknown client id",
    "BAD_CLIENT_SECRET": "missing or invalid client secret",
    "BAD_REFRESH_TOKEN": "missing or invalid refresh token",
    "BAD_AUTH_CODE": "missing or unknown auth code",
}


class Tokens:
    """The tokens of one app in one account."""

    def __init__(self, store: Store, clock: Clock, keys: Credentials) -> None:
        """Keep tokens in the store."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.given = shared.Tokens(store, SYSTEM)
        self.revoked = store.collection(SYSTEM, "_revoked")

    def access(self, token: str) -> Document | None:
        """Return what is known of an access token."""
        return self.given.held.get(token)

    def was_ours(self, token: str) -> bool:
        """Say whether we gave this token out once, even if it is forgotten since."""
        number, _, _ = token.removeprefix("CK").partition("-")
        return number.isalnum() and token == self._name(number)

    def _name(self, number: str) -> str:
        secret = self.keys.hubspot_client_secret
        return f"CK{number}-{made('', 'hubspot', secret, number, length=60)}"

    async def token(self, request: Request) -> Response:
        """Give an access token for a refresh token or for the app itself."""
        given = await self._form(request)
        grant = given.get("grant_type")
        if grant not in ("refresh_token", "client_credentials", "authorization_code"):
            return self._bad("BAD_GRANT_TYPE")
        stranger = self._stranger(given)
        if stranger is not None:
            return stranger
        if grant == "authorization_code":
            # Nobody can press a button on HubSpot's page here: no code was ever given.
            return self._bad("BAD_AUTH_CODE")
        scopes: list[str] = list(SCOPES)
        if grant == "client_credentials":
            asked = given.get("scope", "").split()
            scopes = [scope for scope in asked if scope in SCOPES]
        elif not self._is_refresh(given.get("refresh_token", "")):
            return self._bad("BAD_REFRESH_TOKEN")
        number = str(self.store.number())
        seconds = int(self.store.condition(SYSTEM, "token_seconds", TOKEN_SECONDS))
        token = self._name(number)
        self.given.give(token, seconds, scopes=scopes)
        body = {
            "token_type": "bearer",
            "access_token": token,
            "expires_in": seconds,
            "hub_id": PORTAL,
            "scopes": scopes,
        }
        if grant == "refresh_token":
            body["refresh_token"] = self.keys.hubspot_refresh_token
        return answer(body)

    def _stranger(self, given: Mapping[str, str]) -> Response | None:
        """Return the refusal of an app that is not ours."""
        if given.get("client_id") != self.keys.hubspot_client_id:
            return self._bad("BAD_CLIENT_ID")
        if given.get("client_secret") != self.keys.hubspot_client_secret:
            return self._bad("BAD_CLIENT_SECRET")
        return None

    async def introspect(self, request: Request) -> Response:
        """Tell whether a token still opens the account, and what it opens."""
        given = await self._form(request)
        stranger = self._stranger(given)
        if stranger is not None:
            return stranger
        token = given.get("token", "")
        paper = self.access(token)
        now = self.clock.now().timestamp()
        if self._is_refresh(token):
            return answer({"active": True} | _about(token, "refresh", list(SCOPES)))
        if paper is None or paper["until"] <= now:
            return answer({"active": False})
        about = _about(token, "access", paper["scopes"])
        left = {"expires_in": int(paper["until"] - now), "app_id": APP}
        return answer({"active": True} | about | left)

    async def revoke(self, request: Request) -> Response:
        """End a refresh token; one that opens nothing is as good as ended."""
        given = await self._form(request)
        stranger = self._stranger(given)
        if stranger is not None:
            return stranger
        if self._is_refresh(given.get("token", "")):
            self.store.keep(SYSTEM, "_revoked", {"id": given["token"]})
        return Response(status_code=204)

    async def _form(self, request: Request) -> dict[str, str]:
        if media_type(request) != FORM_TYPE:
            raise Problem(415, "Unsupported Media Type: send a form")
        try:
            pairs = form(await body_of(request, _too_large))
        except ValueError as broken:
            raise Problem(400, "The form could not be read") from broken
        # Only v1 takes secrets in the query, where they end up in logs.
        is_old = "/oauth/v1/" in request.url.path
        return (dict(request.query_params) if is_old else {}) | dict(pairs)

    def _is_refresh(self, token: str) -> bool:
        return token == self.keys.hubspot_refresh_token and (
            self.revoked.get(token) is None
        )

    def _bad(self, status: str) -> Response:
        number = self.store.number()
        body = {
            "status": status,
            "message": _STATUSES[status],
            "correlationId": correlation_id(number),
        }
        return answer(body, 400)

    async def about_access(self, request: Request) -> Response:
        """Tell what an access token opens."""
        token = request.path_params["token"]
        paper = self.access(token)
        if paper is None:
            raise Problem(404, "access token not found")
        left = int(paper["until"] - self.clock.now().timestamp())
        about = _about(token, "access", paper["scopes"])
        return answer(about | {"expires_in": max(0, left), "app_id": APP})

    async def about_refresh(self, request: Request) -> Response:
        """Tell what a refresh token opens, or end it."""
        token = request.path_params["token"]
        if not self._is_refresh(token):
            raise Problem(404, "refresh token not found")
        if request.method == "DELETE":
            self.store.keep(SYSTEM, "_revoked", {"id": token})
            return Response(status_code=204)
        about = _about(token, "refresh", list(SCOPES))
        return answer(about | {"client_id": self.keys.hubspot_client_id})


def _about(token: str, kind: str, scopes: list[str]) -> dict[str, Any]:
    return {
        "token": token,
        "token_type": kind,
        "user": USER_NAME,
        "user_id": USER,
        "hub_id": PORTAL,
        "hub_domain": DOMAIN,
        "scopes": scopes,
    }


def _too_large(status: int, sentence: str) -> Response:
    raise Problem(status, sentence)
