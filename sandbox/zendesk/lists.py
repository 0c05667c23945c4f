"""Zendesk's reads: one record, many by id, lists of all or of somebody's."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.collection import Value
from sandbox.journal import parsed
from sandbox.store import column
from sandbox.wire import answer, listing
from sandbox.zendesk.account import Account
from sandbox.zendesk.drift import shown
from sandbox.zendesk.kinds import ORGANIZATION, RECORDS, TICKET, USER, Kind
from sandbox.zendesk.limits import TICKETS_INDEX
from sandbox.zendesk.paging import Query, asks_for_cursor, by_cursor, by_number, spliced
from sandbox.zendesk.shapes import ids_of, not_found, path_id
from sandbox.zendesk.sideload import asked_for, beside, json_of

Handler = Callable[[Request], Awaitable[Response]]

MAX_MANY = 100
_ORDERS = ("id", "created_at", "updated_at")
# What a list may be narrowed by in its query.
_FILTERS = {
    "ticket": ("external_id",),
    "user": ("external_id", "role"),
    "organization": (),
}


class Lists:
    """The reads of one account."""

    def __init__(self, account: Account) -> None:
        """Read this account's records."""
        self.account = account
        for kind in RECORDS:
            account.held(kind.name).index("id")

    def page(
        self, request: Request, kind: Kind, where: str, values: Sequence[Value] = ()
    ) -> Response:
        """Return a page of the records that match."""
        counted = partial(self.total, kind) if where == kind.shown else None
        query = Query(
            self.account.held(kind.name),
            shown(self.account, kind),
            where,
            values,
            counted,
        )
        order = request.query_params.get("sort") or request.query_params.get("sort_by")
        for name in _ORDERS[1:]:
            if order and order.endswith(name):
                self.account.index(kind.name, column(name), column("id"))
        headers = {}
        if asks_for_cursor(request):
            rows, around = by_cursor(request, query, _ORDERS)
        else:
            rows, around = by_number(request, query, _ORDERS)
        if kind is TICKET:
            headers = self.account.limits.charge(TICKETS_INDEX)
        include = asked_for(request)
        related = {}
        if include:
            documents = [parsed(body) for _, _, body in rows]
            related = beside(self.account, kind.name, documents, include)
        return answer({kind.plural: spliced(rows), **related, **around}, 200, headers)

    def total(self, kind: Kind) -> int:
        """Count what lists show of a kind, without looking at each record."""
        held = self.account.held(kind.name)
        if not kind.gone:
            return held.count()
        self.account.index(kind.name, kind.marked)
        return held.count() - held.count(kind.gone)

    def every(self, kind: Kind) -> Handler:
        """Return the handler that lists a kind."""

        async def handler(request: Request) -> Response:
            where, values = [kind.shown], []
            for name in _FILTERS.get(kind.name, ()):
                given = request.query_params.getlist(name)
                given += request.query_params.getlist(f"{name}[]")
                if given:
                    self.account.index(kind.name, column(name), column("id"))
                    marks = ", ".join("?" * len(given))
                    where.append(f"{column(name)} in ({marks})")
                    values += given
            return self.page(request, kind, " and ".join(where), values)

        return handler

    def of(self, owner: Kind, field: str, kind: Kind) -> Handler:
        """Return the handler that lists what belongs to the record in the path."""

        async def handler(request: Request) -> Response:
            number = path_id(request)
            if not json_of(self.account, owner, [number], owner.shown):
                raise not_found()
            self.account.index(kind.name, column(field), column("id"))
            where = f"{column(field)} = ? and {kind.shown}"
            return self.page(request, kind, where, (int(number),))

        return handler

    def one(self, kind: Kind) -> Handler:
        """Return the handler that shows one record.

        Zendesk shows a deleted user, with `active` false, but no deleted ticket.
        """

        async def handler(request: Request) -> Response:
            where = "1" if kind is USER else kind.shown
            found = json_of(self.account, kind, [path_id(request)], where)
            if not found:
                raise not_found()
            include = asked_for(request)
            documents = [parsed(found[0].decode())] if include else []
            related = beside(self.account, kind.name, documents, include)
            return answer({kind.name: orjson.Fragment(found[0]), **related})

        return handler

    def many(self, kind: Kind) -> Handler:
        """Return the handler that shows many records; unknown ids are left out."""

        async def handler(request: Request) -> Response:
            if "external_ids" in request.query_params:
                external = ids_of(request, "external_ids", MAX_MANY)
                self.account.index(kind.name, column("external_id"))
                marks = ", ".join("?" * len(external))
                rows = self.account.held(kind.name).select(
                    shown(self.account, kind),
                    f"{column('external_id')} in ({marks}) and {kind.shown}",
                    external,
                    order=column("id"),
                )
                found = [body.encode() for (body,) in rows]
            else:
                ids = ids_of(request, "ids", MAX_MANY)
                found = json_of(self.account, kind, ids, kind.shown)
            include = asked_for(request)
            documents = [parsed(each.decode()) for each in found] if include else []
            return answer(
                {
                    kind.plural: listing(found),
                    **beside(self.account, kind.name, documents, include),
                    "next_page": None,
                    "previous_page": None,
                    "count": len(found),
                }
            )

        return handler

    def count(self, kind: Kind) -> Handler:
        """Return the handler that counts a kind."""

        async def handler(_request: Request) -> Response:
            count = {
                "value": self.total(kind),
                "refreshed_at": self.account.now(),
            }
            return answer({"count": count})

        return handler

    def deleted(self, kind: Kind) -> Handler:
        """Return the handler that lists what was deleted and not yet for good."""
        gone = kind.gone
        if kind is USER:
            gone += f" and {column('permanently_deleted')} is not 1"
        listed = Kind(f"deleted_{kind.name}", f"deleted_{kind.plural}", kind.label)

        async def handler(request: Request) -> Response:
            self.account.index(kind.name, kind.marked)
            query = Query(self.account.held(kind.name), _gone_view(kind), gone)
            paged = by_cursor if asks_for_cursor(request) else by_number
            rows, around = paged(request, query, ("id",))
            return answer({listed.plural: spliced(rows), **around})

        return handler

    async def me(self, _request: Request) -> Response:
        """Show the person whose token is used."""
        return answer({"user": self.account.me()})

    async def related(self, request: Request) -> Response:
        """Count what belongs to an organization or a user."""
        number = path_id(request)
        is_user = "/users/" in request.url.path
        kind, name = (USER, "user_related") if is_user else (ORGANIZATION, None)
        if not json_of(self.account, kind, [number], kind.shown):
            raise not_found()
        tickets, users = self.account.held("ticket"), self.account.held("user")
        own = (int(number),)
        for held, field in (
            (TICKET, "requester_id"),
            (TICKET, "assignee_id"),
            (TICKET, "organization_id"),
            (USER, "organization_id"),
        ):
            self.account.index(held.name, column(field), column("id"))
        if name:
            return answer(
                {
                    name: {
                        "requested_tickets": tickets.count(
                            f"{column('requester_id')} = ? and {TICKET.shown}", own
                        ),
                        "assigned_tickets": tickets.count(
                            f"{column('assignee_id')} = ? and {TICKET.shown}", own
                        ),
                    }
                }
            )
        where = f"{column('organization_id')} = ?"
        return answer(
            {
                "organization_related": {
                    "tickets_count": tickets.count(f"{where} and {TICKET.shown}", own),
                    "users_count": users.count(f"{where} and {USER.shown}", own),
                }
            }
        )


def _gone_view(kind: Kind) -> str:
    """Return the SQL of what the list of the deleted shows."""
    if kind is USER:
        return "body"
    return (
        f"json_object('id', {column('id')}, 'subject', {column('subject')},"
        " 'actor', json_object('id', 1, 'name', 'Concord'),"
        f" 'deleted_at', {column('updated_at')},"
        f" 'previous_state', coalesce({column('previous_state')}, 'open'))"
    )
