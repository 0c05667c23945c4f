"""HubSpot: one account's paths, and who answers them."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.batches import Batches
from sandbox.hubspot.changelog import Changelog
from sandbox.hubspot.definitions import Definitions
from sandbox.hubspot.gate import Call, Gate, Path, moving
from sandbox.hubspot.labels import Labels
from sandbox.hubspot.links import Links
from sandbox.hubspot.objects import Objects
from sandbox.hubspot.properties import Properties
from sandbox.hubspot.records import Records
from sandbox.hubspot.reference import Reference
from sandbox.hubspot.search import Search
from sandbox.hubspot.shapes import LOCKED, MIGRATING, Problem
from sandbox.hubspot.subscriptions import Subscriptions
from sandbox.hubspot.tokens import Tokens
from sandbox.store import Store
from sandbox.webhooks import Webhooks
from sandbox.wire import Api

# The sentences that HubSpot has for statuses that no handler chose; believed.
SENTENCES = {
    404: "Resource not found",
    405: "HTTP 405 Method Not Allowed",
    LOCKED: "The requested resource is locked by another operation, try again later.",
    500: "internal error",
    503: "Service Unavailable",
}
# A request that did not get past HubSpot's own gateway is answered by that one, with a
# page instead of JSON (github.com/HubSpot/hubspot-php/issues/315 for 502; the others
# believed).
GATEWAY = {502: "Bad Gateway", 504: "Gateway Time-out"}
PAGE = """<html>\r
<head><title>{title}</title></head>\r
<body>\r
<center><h1>{title}</h1></center>\r
</body>\r
</html>\r
"""


class HubSpot:
    """One account."""

    def __init__(
        self, store: Store, clock: Clock, keys: Credentials, hooks: Webhooks
    ) -> None:
        """Serve the store's documents to whoever has a token."""
        self.tokens = Tokens(store, clock, keys)
        self.gate = Gate(store, clock, keys, self.tokens)
        definitions = Definitions(store)
        links = Links(store)
        records = Records(store, definitions, links)
        # The longer paths first: `{id}` would swallow `search`.
        self.parts = (
            Search(records),
            Batches(records),
            Objects(records),
            Associations(records),
            Labels(store, links),
            Properties(definitions),
            Reference(definitions, self.gate),
            Subscriptions(store, keys, hooks),
            Changelog(store, keys),
        )

    def api(self) -> Api:
        """Return the routes."""
        paths = [path for part in self.parts for path in part.paths()]
        paths += self._oauth()
        return Api([self.gate.route(path) for path in paths], self.refuse, self.planned)

    def _oauth(self) -> list[Path]:
        async def token(call: Call) -> Response:
            return await self.tokens.token(call.request)

        async def introspect(call: Call) -> Response:
            return await self.tokens.introspect(call.request)

        async def revoke(call: Call) -> Response:
            return await self.tokens.revoke(call.request)

        async def about_access(call: Call) -> Response:
            return await self.tokens.about_access(call.request)

        async def about_refresh(call: Call) -> Response:
            return await self.tokens.about_refresh(call.request)

        refresh = {"GET": about_refresh, "DELETE": about_refresh}
        return [
            *(
                Path(f"/oauth{path}", {"POST": handler}, opened_by="anybody")
                for path, handler in (
                    ("/v1/token", token),
                    ("/v3/token", token),
                    ("/{version}/token", token),
                    ("/v3/token/introspect", introspect),
                    ("/{version}/token/introspect", introspect),
                    ("/v3/token/revoke", revoke),
                    ("/{version}/token/revoke", revoke),
                )
            ),
            Path(
                "/oauth/v1/access-tokens/{token}",
                {"GET": about_access},
                opened_by="anybody",
            ),
            Path("/oauth/v1/refresh-tokens/{token}", refresh, opened_by="anybody"),
        ]

    def refuse(self, status: int, sentence: str) -> Response:
        """Return the error that goes with an HTTP status."""
        return self.gate.refusal(Problem(status, SENTENCES.get(status, sentence)))

    def planned(self, status: int, request: Request) -> Response:
        """Return the answer to a request that is to fail with a status."""
        if status in GATEWAY:
            title = f"{status} {GATEWAY[status]}"
            return HTMLResponse(PAGE.format(title=title), status)
        if status == MIGRATING:
            return self.gate.refusal(moving())
        if status == 429:
            return self.gate.exhausted(request)
        return self.refuse(status, "There was a problem with the request.")
