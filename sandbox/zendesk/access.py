"""Zendesk's access: an address with an API token, or an OAuth bearer."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Document
from sandbox.tokens import Tokens, client_of
from sandbox.wire import Refusal, answer, basic, bearer, body_of, form, made
from sandbox.zendesk.account import Account
from sandbox.zendesk.shapes import body_json, error, refuse

# Believed, not verified: the longest life that an OAuth client may be given is 2 days.
TOKEN_SECONDS = 172_800
_SCOPES = ("read", "write")


class Access:
    """Who may come in, and to do what."""

    def __init__(self, account: Account) -> None:
        """Let in whoever has the account's token."""
        self.account = account
        self.tokens = Tokens(account.store, "zendesk")

    def admit(self, request: Request) -> None:
        """Refuse strangers, and writes by who may only read."""
        token = bearer(request)
        if token is not None:
            self._check_scope(request, self._paper(token))
            return
        keys = self.account.keys
        if basic(request) != (f"{keys.zendesk_email}/token", keys.zendesk_api_token):
            raise Refusal(answer({"error": "Couldn't authenticate you"}, 401))

    def _paper(self, token: str) -> Document:
        paper = self.tokens.valid(token)
        if paper is None:
            sentence = (
                "The access token provided is expired, revoked, malformed or invalid"
                " for other reasons."
            )
            shape = {"error": "invalid_token", "error_description": sentence}
            raise Refusal(answer(shape, 401))
        return paper

    def _check_scope(self, request: Request, paper: Document) -> None:
        wanted = "read" if request.method in ("GET", "HEAD") else "write"
        if wanted not in str(paper["scope"]).split():
            sentence = "You do not have access to this page: missing scope " + wanted
            raise Refusal(error(403, "Forbidden", sentence))

    async def token(self, request: Request) -> Response:
        """Give a token to the account's OAuth client."""
        kind = request.headers.get("content-type", "")
        try:
            if "json" in kind:
                asked = await body_json(request)
            else:
                asked = dict(form(await body_of(request, refuse)))
        except ValueError as broken:
            raise Refusal(_oauth("invalid_request", 400)) from broken
        keys = self.account.keys
        right = (keys.zendesk_client_id, keys.zendesk_client_secret)
        if client_of(request, asked) != right:
            raise Refusal(_oauth("invalid_client", 401))
        if asked.get("grant_type") != "client_credentials":
            raise Refusal(_oauth("unsupported_grant_type", 400))
        scope = asked.get("scope") or "read write"
        if not isinstance(scope, str) or not set(scope.split()) <= set(_SCOPES):
            raise Refusal(_oauth("invalid_scope", 400))
        seconds = int(self.account.condition("token_seconds", TOKEN_SECONDS))
        token = made("", "zendesk token", self.account.store.number(), length=64)
        self.tokens.give(token, seconds, scope=scope)
        return answer(
            {
                "access_token": token,
                "token_type": "bearer",
                "scope": scope,
                "expires_in": seconds,
            }
        )


def _oauth(code: str, status: int) -> Response:
    shape = {"error": code, "error_description": code.replace("_", " ").capitalize()}
    return answer(shape, status)
