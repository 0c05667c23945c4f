"""Gate: who may come in, what an app was granted, and how often it may call."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.budgets import FixedWindow, SlidingWindow
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.hubspot.kinds import SYSTEM, Kind, kind_named
from sandbox.hubspot.shapes import MIGRATING, Problem, correlation_id
from sandbox.hubspot.tokens import SCOPES, Tokens
from sandbox.instants import to_milliseconds
from sandbox.store import Store
from sandbox.wire import bearer

# Paths with a date answer as the newest version does, and v3 as it always did.
VERSIONS = ("2025-09", "2026-03", "2026-09")
# Of a private app in a Professional account; 100 in a free one, 250 with the paid
# increase (developers.hubspot.com, usage guidelines). An OAuth app: 110, believed.
CALLS_PER_TEN_SECONDS = 190
OAUTH_CALLS_PER_TEN_SECONDS = 110
CALLS_PER_DAY = 650_000  # of the account: Professional; Enterprise 1,000,000
SEARCHES_PER_SECOND = 5  # of the account
WINDOW_SECONDS = 10.0
DAY_SECONDS = 86_400
MIGRATION_RETRY_SECONDS = 300
HELP = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
SCOPES_HELP = "https://developers.hubspot.com/scopes"


@dataclass(frozen=True, slots=True)
class Caller:
    """The app behind a token."""

    name: str
    scopes: frozenset[str]
    is_oauth: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was let in."""

    request: Request
    caller: Caller

    @property
    def kind(self) -> Kind:
        """Return the kind that the path names as `type`."""
        return self.kind_in("type")

    def kind_in(self, name: str) -> Kind:
        """Return the kind in one place of the path; a 400 if there is no such kind."""
        text = self.request.path_params[name]
        kind = kind_named(text)
        if kind is None:
            raise Problem(400, f"Unable to infer object type from: {text}")
        return kind

    def part(self, name: str) -> str:
        """Return one place of the path."""
        return str(self.request.path_params[name])


Handler = Callable[[Call], Awaitable[Response]]
Needed = Callable[[Call], str | None]


@dataclass(frozen=True, slots=True)
class Path:
    """A path and who answers each method.

    Attributes:
        path: as Starlette has it.
        handlers: by method.
        needs: tells the scope that a call needs, if any.
        searches: whether calls count as searches.
        opened_by: who may come in: an app, a developer with the key of the developer's
            account, or anybody.
    """

    path: str
    handlers: Mapping[str, Handler]
    needs: Needed = lambda _call: None
    searches: bool = False
    opened_by: str = "app"


def scope_of(call: Call) -> str | None:
    """Return the scope that a call on records of a kind needs."""
    kind = call.kind
    path = call.request.url.path
    reads = call.request.method == "GET" or path.endswith(("/search", "/batch/read"))
    if "." not in kind.scope:
        return kind.scope
    return f"{kind.scope}.{'read' if reads else 'write'}"


class Gate:
    """The one door to all paths of the account."""

    def __init__(
        self, store: Store, clock: Clock, keys: Credentials, tokens: Tokens
    ) -> None:
        """Ask for the account's keys."""
        self.store = store
        self.clock = clock
        self.keys = keys
        self.tokens = tokens
        self._calls: dict[str, SlidingWindow] = {}
        self._searches = SlidingWindow(clock, 1)
        self._day = FixedWindow(clock, DAY_SECONDS)

    def route(self, path: Path) -> Route:
        """Return a route that admits, counts and answers."""

        async def answered(request: Request) -> Response:
            headers: dict[str, str] = {}
            try:
                response = await self._answer(path, request, headers)
            except Problem as problem:
                response = self.refusal(problem)
            response.headers.update(headers)
            return response

        return Route(path.path, answered, methods=_ALL)

    def refusal(self, problem: Problem) -> Response:
        """Return the answer to a problem, with an id of its own."""
        return problem.response(correlation_id(self.store.number()))

    def exhausted(self, request: Request) -> Response:
        """Return the 429 of a private app that has used up its ten seconds.

        Search has a budget of its own, and tells nothing of what is left.
        """
        if request.url.path.endswith("/search"):
            return self.refusal(limit("SECONDLY"))
        used, per_day = self.used_today()
        most = self._per_ten_seconds(CALLS_PER_TEN_SECONDS)
        response = self.refusal(limit("TEN_SECONDLY_ROLLING"))
        response.headers.update(_left(most, 0) | _left_today(per_day, per_day - used))
        return response

    async def _answer(
        self, path: Path, request: Request, headers: dict[str, str]
    ) -> Response:
        caller = self._admitted(path, request)
        version = request.path_params.get("version")
        if version is not None and version not in VERSIONS:
            raise Problem(404, "Resource not found")
        if self.store.condition(SYSTEM, "migrating", default=False):
            raise moving()
        if path.opened_by == "app":
            self._count(path, caller, headers)
        handler = path.handlers.get(request.method)
        if handler is None and request.method == "HEAD":
            handler = path.handlers.get("GET")
        if handler is None:
            allowed = ", ".join(path.handlers)
            raise Problem(
                405, "HTTP 405 Method Not Allowed", headers={"Allow": allowed}
            )
        call = Call(request, caller)
        self._check_scope(path.needs(call), caller)
        return await handler(call)

    def _admitted(self, path: Path, request: Request) -> Caller:
        if path.opened_by == "anybody":
            return Caller("", frozenset())
        if path.opened_by == "developer":
            if request.query_params.get("hapikey") == self.keys.hubspot_developer_key:
                return Caller("developer", frozenset())
            raise _unknown()
        token = bearer(request)
        if not token:
            raise _unknown()
        if token == self.keys.hubspot_access_token:
            granted = self.store.condition(SYSTEM, "scopes", SCOPES)
            return Caller("private", frozenset(granted))
        paper = self.tokens.access(token)
        if paper is None and not self.tokens.was_ours(token):
            raise _unknown()
        now = self.clock.now()
        if paper is None or paper["until"] <= now.timestamp():
            until = now.timestamp() if paper is None else paper["until"]
            ago = int(now.timestamp() - until)
            expired = to_milliseconds(now - timedelta(seconds=ago))
            raise Problem(
                401,
                f"The OAuth token used to make this call expired {ago} second(s) ago.",
                "EXPIRED_AUTHENTICATION",
                context={"expire time": [expired]},
            )
        granted = self.store.condition(SYSTEM, "scopes", paper["scopes"])
        return Caller("oauth", frozenset(granted), is_oauth=True)

    def _check_scope(self, needed: str | None, caller: Caller) -> None:
        if needed is None or needed in caller.scopes:
            return
        told = "One or more of the following scopes are required."
        raise Problem(
            403,
            "This app hasn't been granted all required scopes to make this call.",
            errors=[{"message": told, "context": {"requiredGranularScopes": [needed]}}],
            links={"scopes": SCOPES_HELP},
        )

    def _count(self, path: Path, caller: Caller, headers: dict[str, str]) -> None:
        """Count the call; tell what is left; raise the 429 of a budget used up."""
        today, per_day = self.used_today()
        usual = (
            OAUTH_CALLS_PER_TEN_SECONDS if caller.is_oauth else CALLS_PER_TEN_SECONDS
        )
        most = self._per_ten_seconds(usual)
        calls = self._calls.setdefault(
            caller.name, SlidingWindow(self.clock, WINDOW_SECONDS)
        )
        refused = None
        if today >= per_day:
            refused = limit("DAILY")
        elif calls.used >= most:
            refused = limit("TEN_SECONDLY_ROLLING")
        elif path.searches:
            refused = self._search_refused()
        if refused is None:
            calls.count()
            today = self._day.count()
        if not path.searches:  # search tells nothing of what is left
            headers |= _left(most, most - calls.used)
            if not caller.is_oauth:
                headers |= _left_today(per_day, per_day - today)
        if refused is not None:
            raise refused

    def _per_ten_seconds(self, usual: int) -> int:
        return int(self.store.condition(SYSTEM, "calls_per_ten_seconds", usual))

    def _search_refused(self) -> Problem | None:
        most = int(
            self.store.condition(SYSTEM, "searches_per_second", SEARCHES_PER_SECOND)
        )
        if self._searches.used >= most:
            return limit("SECONDLY")
        self._searches.count()
        return None

    def used_today(self) -> tuple[int, int]:
        """Return the day's calls so far, and how many there may be."""
        return self._day.used, int(
            self.store.condition(SYSTEM, "calls_per_day", CALLS_PER_DAY)
        )


_ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def _unknown() -> Problem:
    return Problem(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0"
        f" authentication and you can find more details at {HELP}",
    )


def _left(most: int, left: int) -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Interval-Milliseconds": f"{WINDOW_SECONDS * 1000:.0f}",
        "X-HubSpot-RateLimit-Max": str(most),
        "X-HubSpot-RateLimit-Remaining": str(max(0, left)),
    }


def _left_today(most: int, left: int) -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Daily": str(most),
        "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, left)),
    }


def moving() -> Problem:
    """Return the answer of an account that is moved between data centres."""
    return Problem(
        MIGRATING,
        "The account is being moved to another data center, try again later.",
        headers={"Retry-After": str(MIGRATION_RETRY_SECONDS)},
    )


def limit(policy: str) -> Problem:
    """Return the answer to a call beyond a budget."""
    return Problem(
        429,
        f"You have reached your {policy.lower()} limit.",
        more={"errorType": "RATE_LIMIT", "policyName": policy},
    )
