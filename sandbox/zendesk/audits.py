"""Zendesk's audits: what happened to each ticket, and its comments among that."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.journal import parsed
from sandbox.store import Document, Write, column
from sandbox.wire import answer
from sandbox.zendesk.account import Account
from sandbox.zendesk.kinds import AUDIT, TICKET
from sandbox.zendesk.paging import Query, asks_for_cursor, by_cursor, by_number
from sandbox.zendesk.shapes import not_found, path_id
from sandbox.zendesk.sideload import asked_for, beside, json_of

# The first audit of a ticket and its events have ids that follow from the ticket's.
_FIRST_AUDIT = 100_000_000_000_000
_FIRST_COMMENT = 200_000_000_000_000
_FIRST_STATUS = 300_000_000_000_000
# Later ones are above them: a list goes by id.
_LATER_AUDIT = 300_000_000_000_000
_TOLD = (
    "subject",
    "status",
    "priority",
    "type",
    "requester_id",
    "assignee_id",
    "organization_id",
    "group_id",
    "external_id",
    "tags",
    "custom_fields",
)
_SEEN = "zendesk audits begin after"


class Audits:
    """The audits of one account's tickets."""

    def __init__(self, account: Account) -> None:
        """Write down what people do to tickets beside the API."""
        self.account = account
        self.held = account.held(AUDIT.name)
        self.held.index("ticket_id", "id")
        self.held.index("id")
        account.store.observers.append(self.observed)

    def observed(self, write: Write) -> None:
        """Write down what a person did to a ticket."""
        if (write.system, write.object) != ("zendesk", TICKET.name):
            return
        # What the system changes on its own makes no event, hence no audit.
        if write.actor in ("api", "system"):
            return
        if write.before is not None and write.after is not None:
            me = self.account.me()["id"]
            self.changed(write.before, write.after, None, me)

    def created(self, ticket: Document, comment: Document, author: int) -> None:
        """Write down that a ticket was made."""
        number = ticket["id"]
        events = [
            _comment(number + _FIRST_COMMENT, comment, author),
            *self._changes({}, ticket, "Create"),
        ]
        self._keep(number + _FIRST_AUDIT, ticket, author, events)

    def changed(
        self, before: Document, after: Document, comment: Document | None, author: int
    ) -> None:
        """Write down what changed; nothing if nothing did."""
        events = self._changes(before, after, "Change")
        if comment is not None:
            events = [_comment(self.account.number(), comment, author), *events]
        if events:
            number = self.account.number() + _LATER_AUDIT
            self._keep(number, after, author, events)

    def last(self, ticket_id: int) -> Document:
        """Return the last audit of a ticket."""
        self.complete()
        found = self.held.find(
            f"{column('ticket_id')} = ?", (ticket_id,), order="place desc", limit=1
        )
        return found[0] if found else {}

    def _changes(self, before: Document, after: Document, kind: str) -> list[Document]:
        changes = []
        for name in _TOLD:
            old, new = before.get(name), after.get(name)
            if old == new or (kind == "Create" and new in (None, [])):
                continue
            change: Document = {
                "id": self.account.number(),
                "type": kind,
                "field_name": name,
                "value": new,
            }
            if kind == "Change":
                change["previous_value"] = old
            changes.append(change)
        return changes

    def _keep(
        self, number: int, ticket: Document, author: int, events: Sequence[Document]
    ) -> None:
        channel = ticket.get("via", {}).get("channel", "web")
        self.account.store.keep(
            "zendesk",
            AUDIT.name,
            {
                "id": number,
                "ticket_id": ticket["id"],
                "created_at": self.account.now(),
                "author_id": author,
                "metadata": {"system": {}, "custom": {}},
                "via": {"channel": channel, "source": {"from": {}, "to": {}}},
                "events": list(events),
            },
        )

    def complete(self) -> None:
        """Give tickets that came with the company the audit of their creation."""
        tickets, store = self.account.held(TICKET.name), self.account.store
        ((last,),) = tickets.select("coalesce(max(place), 0)")
        seen = int(store.setting(_SEEN) or 0)
        if last <= seen:
            return
        id_, requester = column("id"), column("requester_id")
        text = f"coalesce({column('description')}, {column('subject')}, '')"
        # One statement: a company has hundreds of thousands of tickets.
        store.run(
            f"insert or ignore into {self.held.table} (id, body)"
            f" select cast({id_} + {_FIRST_AUDIT} as text), json_object("
            f" 'id', {id_} + {_FIRST_AUDIT}, 'ticket_id', {id_},"
            f" 'created_at', {column('created_at')}, 'author_id', {requester},"
            " 'metadata', json('{\"system\": {}, \"custom\": {}}'),"
            f" 'via', json(coalesce({column('via')}, '{{\"channel\": \"web\"}}')),"
            " 'events', json_array("
            f" json_object('id', {id_} + {_FIRST_COMMENT}, 'type', 'Comment',"
            f" 'author_id', {requester}, 'body', {text}, 'plain_body', {text},"
            f" 'html_body', {text}, 'public', json('true'),"
            " 'attachments', json('[]')),"
            f" json_object('id', {id_} + {_FIRST_STATUS}, 'type', 'Create',"
            " 'field_name', 'status', 'value', 'new')))"
            f" from {tickets.table} where place > ? order by place",
            (seen,),
        )
        store.remember(_SEEN, str(last))

    def _of(self, request: Request) -> Query:
        self.complete()
        number = path_id(request)
        if not json_of(self.account, TICKET, [number], TICKET.shown):
            raise not_found()
        where = f"{column('ticket_id')} = ?"
        return Query(self.held, "body", where, (int(number),))

    async def audits(self, request: Request) -> Response:
        """List the audits of a ticket."""
        return self._page(request, self._of(request))

    async def every(self, request: Request) -> Response:
        """List all audits."""
        self.complete()
        return self._page(request, Query(self.held, "body"))

    def _page(self, request: Request, query: Query) -> Response:
        paged = by_cursor if asks_for_cursor(request) else by_number
        rows, around = paged(request, query, ("id",))
        documents = [parsed(body) for _, _, body in rows]
        include = asked_for(request)
        related = beside(self.account, AUDIT.name, documents, include)
        return answer({"audits": documents, **related, **around})

    async def audit(self, request: Request) -> Response:
        """Show one audit of a ticket."""
        query = self._of(request)
        found = self.held.find(
            f"{query.where} and id = ?",
            (*query.values, path_id(request, "audit_id")),
        )
        if not found:
            raise not_found()
        return answer({"audit": found[0]})

    async def comments(self, request: Request) -> Response:
        """List the comments of a ticket."""
        query = self._of(request)
        paged = by_cursor if asks_for_cursor(request) else by_number
        is_comment = "json_extract(body, '$.events[0].type') = 'Comment'"
        query = Query(
            query.held, "body", f"{query.where} and {is_comment}", query.values
        )
        rows, around = paged(request, query, ("id",))
        comments: list[Any] = []
        for _, _, body in rows:
            audit = parsed(body)
            comments.append(
                audit["events"][0]
                | {
                    "audit_id": audit["id"],
                    "via": audit["via"],
                    "metadata": audit["metadata"],
                    "created_at": audit["created_at"],
                }
            )
        related = beside(self.account, "comment", comments, asked_for(request))
        return answer({"comments": comments, **related, **around})


def _comment(number: int, comment: Document, author: int) -> Document:
    body = comment["body"]
    return {
        "id": number,
        "type": "Comment",
        "author_id": author,
        "body": body,
        "html_body": f'<div class="zd-comment" dir="auto">{body}</div>',
        "plain_body": body,
        "public": comment["public"],
        "attachments": [],
    }
