"""Zendesk: the routes of an account, and what every answer carries."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.store import Store
from sandbox.webhooks import Webhooks
from sandbox.wire import Api, Refusal
from sandbox.zendesk.access import Access
from sandbox.zendesk.account import Account
from sandbox.zendesk.audits import Audits
from sandbox.zendesk.bulk import Bulk
from sandbox.zendesk.exports import VENDOR_EXPORT_LAG_SECONDS, Exports
from sandbox.zendesk.fields import Fields
from sandbox.zendesk.hooks import Hooks
from sandbox.zendesk.jobs import Jobs
from sandbox.zendesk.kinds import (
    DEFINITIONS,
    GROUP_MEMBERSHIP,
    MEMBERSHIP,
    ORGANIZATION,
    RATING,
    RECORDS,
    TICKET,
    USER,
)
from sandbox.zendesk.limits import ACCOUNT, EXPORTS, Limits, exceeded
from sandbox.zendesk.lists import Handler, Lists
from sandbox.zendesk.memberships import KINDS, Memberships
from sandbox.zendesk.organizations import Organizations
from sandbox.zendesk.ratings import Ratings
from sandbox.zendesk.search import Search
from sandbox.zendesk.shapes import API, error, planned, refuse
from sandbox.zendesk.tickets import Tickets
from sandbox.zendesk.users import Users
from sandbox.zendesk.writes import Writes

__all__ = ["VENDOR_EXPORT_LAG_SECONDS", "Zendesk"]


class Zendesk:
    """One account."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keys: Credentials,
        hooks: Webhooks | None = None,
    ) -> None:
        """Serve the store's documents to whoever has the token."""
        self.account = Account(store, clock, keys, Limits(store, clock))
        account = self.account
        self.access = Access(account)
        self.fields = Fields(account)
        self.lists = Lists(account)
        self.ratings = Ratings(account, self.lists)
        self.search = Search(account)
        self.audits = Audits(account)
        self.exports = Exports(account, self.audits)
        users = Users(account, self.fields)
        tickets = Tickets(account, self.fields)
        tickets.users, tickets.audits = users, self.audits
        organizations = Organizations(account, self.fields)
        organizations.tickets = tickets
        self.writes = Writes(account, tickets, users, organizations)
        self.memberships = Memberships(account)
        self.jobs = Jobs(account, self.writes.records)
        self.bulk = Bulk(account, self.jobs)
        self.hooks = Hooks(account, hooks or Webhooks(store))

    def api(self) -> Api:
        """Return the routes; every path also answers with `.json` behind it."""
        routes: list[BaseRoute] = [
            *self._exports(),
            *self._searches(),
            *self._bulk(),
            *self._audits(),
            *self._ratings(),
            *self._hooks(),
            *self._definitions(),
            *self._records(),
            Route("/oauth/tokens", self._oauth, methods=["POST"]),
        ]
        return Api(routes, refuse, self._planned)

    def _planned(self, status: int, request: Request) -> Response:
        """Return the failure with the headers of a budget, used up where that is it."""
        limits = self.account.limits
        if status == 429:
            standing = limits.spent(ACCOUNT)
            response = exceeded(ACCOUNT, standing)
        else:
            standing = limits.spend(ACCOUNT)
            response = planned(status, request)
        response.headers.update(standing.headers)
        return response

    async def _oauth(self, request: Request) -> Response:
        return await self.access.token(request)

    def _route(
        self,
        path: str,
        handler: Handler,
        method: str = "GET",
        *,
        is_export: bool = False,
    ) -> list[Route]:
        limits = self.account.limits

        async def admitted(request: Request) -> Response:
            standing = limits.spend(ACCOUNT)
            headers = standing.headers
            try:
                limits.insist(ACCOUNT, standing)
                self.access.admit(request)
                _check_accept(request)
                if is_export:
                    headers |= limits.charge(EXPORTS)
                self.jobs.settle()
                response = await handler(request)
            except Refusal as refusal:
                response = refusal.response
            response.headers.update(headers)
            return response

        # The longer path first: `{id}` would swallow the suffix.
        paths = (f"{API}{path}.json", f"{API}{path}")
        return [Route(each, admitted, methods=[method]) for each in paths]

    def _exports(self) -> list[Route]:
        routes = []
        for kind in RECORDS:
            export = f"/incremental/{kind.plural}"
            routes += self._route(
                f"{export}/sample", self.exports.sample(kind)
            ) + self._route(export, self.exports.by_time(kind), is_export=True)
        for kind in (TICKET, USER):
            routes += self._route(
                f"/incremental/{kind.plural}/cursor",
                self.exports.by_cursor(kind),
                is_export=True,
            )
        return routes + self._route(
            "/incremental/ticket_events", self.exports.ticket_events, is_export=True
        )

    def _searches(self) -> list[Route]:
        search = self.search
        return [
            *self._route("/search/export", search.export),
            *self._route("/search/count", search.count),
            *self._route("/search", search.search),
            *self._route("/users/search", search.among(USER, ("external_id", "email"))),
            *self._route(
                "/organizations/search",
                search.among(ORGANIZATION, ("external_id", "name")),
            ),
        ]

    def _bulk(self) -> list[Route]:
        routes = []
        for kind in RECORDS:
            base, bulk = f"/{kind.plural}", self.bulk
            routes += [
                *self._route(f"{base}/create_many", bulk.create(kind), "POST"),
                *self._route(f"{base}/update_many", bulk.update(kind), "PUT"),
                *self._route(f"{base}/destroy_many", bulk.delete(kind), "DELETE"),
                *self._route(f"{base}/show_many", self.lists.many(kind)),
                *self._route(f"{base}/count", self.lists.count(kind)),
            ]
        upsert = self.bulk.create(USER, "create_or_update")
        return [
            *routes,
            *self._route("/users/create_or_update_many", upsert, "POST"),
            *self._route("/job_statuses/show_many", self.jobs.statuses),
            *self._route("/job_statuses/{id}", self.jobs.status),
            *self._route("/job_statuses", self.jobs.every),
        ]

    def _audits(self) -> list[Route]:
        return [
            *self._route("/tickets/{id}/audits/{audit_id}", self.audits.audit),
            *self._route("/tickets/{id}/audits", self.audits.audits),
            *self._route("/tickets/{id}/comments", self.audits.comments),
            *self._route("/ticket_audits", self.audits.every),
        ]

    def _ratings(self) -> list[Route]:
        base = f"/{RATING.plural}"
        return [
            *self._route(f"{base}/count", self.ratings.count),
            *self._route(f"{base}/{{id}}", self.lists.one(RATING)),
            *self._route(base, self.ratings.every),
        ]

    def _hooks(self) -> list[Route]:
        hooks, base = self.hooks, "/webhooks"
        return [
            *self._route(f"{base}/test", hooks.test, "POST"),
            *self._route(f"{base}/{{id}}/signing_secret", hooks.secret),
            *self._route(f"{base}/{{id}}/signing_secret", hooks.secret, "POST"),
            *self._route(
                f"{base}/{{id}}/invocations/{{invocation_id}}/attempts",
                hooks.attempts,
            ),
            *self._route(f"{base}/{{id}}/invocations", hooks.invocations),
            *self._route(f"{base}/{{id}}", hooks.one),
            *self._route(f"{base}/{{id}}", hooks.update, "PUT"),
            *self._route(f"{base}/{{id}}", hooks.update, "PATCH"),
            *self._route(f"{base}/{{id}}", hooks.delete, "DELETE"),
            *self._route(base, hooks.every),
            *self._route(base, hooks.create, "POST"),
        ]

    def _definitions(self) -> list[Route]:
        routes = []
        for kind in DEFINITIONS:
            base = f"/{kind.plural}"
            routes += [
                *self._route(f"{base}/{{id}}", self.fields.one(kind)),
                *self._route(base, self.fields.every(kind)),
                *self._route(base, self.fields.create(kind), "POST"),
            ]
        for kind in KINDS:
            base, own = f"/{kind.plural}", self.memberships
            routes += [
                *self._route(f"{base}/{{id}}", self.lists.one(kind)),
                *self._route(f"{base}/{{id}}", own.delete(kind), "DELETE"),
                *self._route(base, self.lists.every(kind)),
                *self._route(base, own.create(kind), "POST"),
            ]
        return routes

    def _records(self) -> list[Route]:
        lists, writes = self.lists, self.writes
        owned = (
            (ORGANIZATION, "users", "organization_id", USER),
            (ORGANIZATION, "tickets", "organization_id", TICKET),
            (ORGANIZATION, MEMBERSHIP.plural, "organization_id", MEMBERSHIP),
            (USER, "tickets/requested", "requester_id", TICKET),
            (USER, "tickets/assigned", "assignee_id", TICKET),
            (USER, MEMBERSHIP.plural, "user_id", MEMBERSHIP),
            (USER, GROUP_MEMBERSHIP.plural, "user_id", GROUP_MEMBERSHIP),
        )
        routes = [
            *self._route("/users/me", lists.me),
            *self._route("/deleted_tickets", lists.deleted(TICKET)),
            *self._route("/deleted_tickets/{id}/restore", writes.restore, "PUT"),
            *self._route("/deleted_tickets/destroy_many", self.bulk.forget, "DELETE"),
            *self._route("/deleted_tickets/{id}", self.bulk.forget, "DELETE"),
            *self._route("/deleted_users", lists.deleted(USER)),
            *self._route("/deleted_users/{id}", writes.deleted_user),
            *self._route("/deleted_users/{id}", writes.delete_user_for_good, "DELETE"),
        ]
        for owner, path, field, kind in owned:
            routes += self._route(
                f"/{owner.plural}/{{id}}/{path}", lists.of(owner, field, kind)
            )
        for kind in (ORGANIZATION, USER):
            upsert = writes.create_or_update(kind)
            routes += [
                *self._route(f"/{kind.plural}/create_or_update", upsert, "POST"),
                *self._route(f"/{kind.plural}/{{id}}/related", lists.related),
            ]
        for kind in RECORDS:
            base = f"/{kind.plural}"
            routes += [
                *self._route(f"{base}/{{id}}", lists.one(kind)),
                *self._route(f"{base}/{{id}}", writes.update(kind), "PUT"),
                *self._route(f"{base}/{{id}}", writes.delete(kind), "DELETE"),
                *self._route(base, lists.every(kind)),
                *self._route(base, writes.create(kind), "POST"),
            ]
        return routes


def _check_accept(request: Request) -> None:
    """Refuse who takes no JSON, unless the path asks for it."""
    accepted = request.headers.get("accept", "*/*").lower()
    if request.url.path.endswith(".json"):
        return
    if not any(each in accepted for each in ("json", "*/*", "application/*")):
        sentence = "The answer is application/json"
        raise Refusal(error(406, "NotAcceptable", sentence))
