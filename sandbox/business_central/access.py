"""Business Central's access: tokens of Entra, and how many calls a user has."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.budgets import SlidingWindow
from sandbox.business_central.books import SYSTEM, Books
from sandbox.business_central.marks import guid
from sandbox.business_central.shapes import refuse, too_many
from sandbox.tokens import Tokens, client_of
from sandbox.wire import Refusal, answer, bearer, body_of, form, made

# learn.microsoft.com, operational limits of Business Central Online: 6,000 requests of
# a user in a sliding window of 5 minutes.
CALLS_PER_WINDOW = 6000
WINDOW_SECONDS = 300
# What Entra gives to clients by default, in its own words `expires_in`.
TOKEN_SECONDS = 3599
SCOPE = "https://api.businesscentral.dynamics.com/.default"


class Access:
    """Who may come in, and how often."""

    def __init__(self, books: Books) -> None:
        """Let in whoever has the group's client secret."""
        self.books = books
        self.tokens = Tokens(books.store, SYSTEM)
        self._calls = SlidingWindow(books.clock, WINDOW_SECONDS)

    def admit(self, request: Request) -> None:
        """Refuse strangers, and calls over the limit."""
        if self.tokens.valid(bearer(request)) is None:
            response = refuse(401, "")
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            raise Refusal(response)
        self._count()

    def _count(self) -> None:
        allowed = int(self.books.condition("calls_per_window", CALLS_PER_WINDOW))
        if self._calls.used >= allowed:
            response = too_many(allowed + 1, allowed)
            wait = max(1, int(self._calls.frees_in))
            response.headers["Retry-After"] = str(wait)
            raise Refusal(response)
        self._calls.count()

    async def token(self, request: Request) -> Response:
        """Give a token to the group's client."""
        try:
            asked = dict(form(await body_of(request, refuse)))
        except ValueError:
            raise Refusal(self._no("invalid_request", 900144, 400)) from None
        if asked.get("grant_type") != "client_credentials":
            raise Refusal(self._no("unsupported_grant_type", 70003, 400))
        keys = self.books.keys
        if client_of(request, asked) != (
            keys.business_central_client_id,
            keys.business_central_client_secret,
        ):
            raise Refusal(self._no("invalid_client", 7000215, 401))
        if asked.get("scope", SCOPE) != SCOPE:
            raise Refusal(self._no("invalid_scope", 70011, 400))
        seconds = int(self.books.condition("token_seconds", TOKEN_SECONDS))
        number = self.books.store.number()
        token = "eyJ0eXAiOiJKV1Qi" + made("", "entra", number, length=120)
        self.tokens.give(token, seconds)
        return answer(
            {
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": token,
            }
        )

    def _no(self, code: str, number: int, status: int) -> Response:
        at = self.books.clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
        trace = guid("trace", code, at)
        sentence = code.replace("_", " ").capitalize()
        return answer(
            {
                "error": code,
                "error_description": f"AADSTS{number}: {sentence}."
                f" Trace ID: {trace} Timestamp: {at}",
                "error_codes": [number],
                "timestamp": at,
                "trace_id": trace,
                "correlation_id": trace,
            },
            status,
        )
