"""Zendesk's single writes: create, update, create or update, delete."""

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Document
from sandbox.wire import Refusal, answer, dump
from sandbox.zendesk.account import Account
from sandbox.zendesk.kinds import TICKET, Kind
from sandbox.zendesk.limits import UPDATES
from sandbox.zendesk.lists import Handler
from sandbox.zendesk.records import Records, Rejected
from sandbox.zendesk.shapes import body_json, error, not_found, path_id
from sandbox.zendesk.tickets import Tickets
from sandbox.zendesk.users import Users

# developer.zendesk.com, idempotency: a key is at most 255 characters and lasts 2 hours.
MAX_KEY = 255
KEY_SECONDS = 7200
# Believed, not verified: how Zendesk names the reuse of a key for another body.
KEY_REUSED = "IdempotentRequestError"


class Writes:
    """The single writes of one account."""

    def __init__(
        self, account: Account, tickets: Tickets, users: Users, *others: Records
    ) -> None:
        """Write these kinds of records."""
        self.account = account
        self.tickets = tickets
        self.users = users
        self.records: dict[str, Records] = {
            each.kind.name: each for each in (tickets, users, *others)
        }

    async def item(self, request: Request, kind: Kind) -> Document:
        """Return the record of the body."""
        item = (await body_json(request)).get(kind.name)
        if not isinstance(item, dict):
            sentence = f"Parameter {kind.name} is required"
            raise Refusal(error(400, "ParameterMissing", sentence))
        return item

    def shown(self, kind: Kind, document: Document) -> dict[str, Any]:
        """Return what a write answers; a ticket comes with its audit."""
        if kind is not TICKET:
            return {kind.name: document}
        audit = self.tickets.audits.last(document["id"])
        return {kind.name: document, "audit": audit}

    def create(self, kind: Kind) -> Handler:
        """Return the handler that adds a record."""

        async def handler(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if kind is TICKET and key is not None:
                return await self._once(request, key)
            item = await self.item(request, kind)
            return self._created(kind, item)

        return handler

    def _created(self, kind: Kind, item: Document) -> Response:
        records = self.records[kind.name]
        document = told(records.create, item, self.account.request_id())
        url = str(document.get("url", ""))
        return answer(self.shown(kind, document), 201, {"Location": url})

    async def _once(self, request: Request, key: str) -> Response:
        """Add a ticket, or answer as it was answered when the key was first used."""
        if not 0 < len(key) <= MAX_KEY:
            sentence = f"Idempotency-Key must have 1 to {MAX_KEY} characters"
            raise Refusal(error(400, KEY_REUSED, sentence))
        item = await self.item(request, TICKET)
        print_ = hashlib.sha256(dump(item)).hexdigest()
        kept = self.account.held("_idempotency").get(key)
        now = self.account.clock.seconds()
        if kept is not None and now < kept["until"]:
            if kept["print"] != print_:
                sentence = "Request parameters do not match the given idempotency key"
                raise Refusal(error(400, KEY_REUSED, sentence))
            body = str(kept["body"]).encode()
            headers = {"x-idempotency-lookup": "hit"}
            return Response(body, 201, headers, "application/json")
        with self.account.store.transaction():
            response = self._created(TICKET, item)
            paper = {
                "id": key,
                "until": now + KEY_SECONDS,
                "print": print_,
                "body": bytes(response.body).decode(),
            }
            self.account.store.keep("zendesk", "_idempotency", paper)
        response.headers["x-idempotency-lookup"] = "miss"
        return response

    def update(self, kind: Kind) -> Handler:
        """Return the handler that changes a record."""

        async def handler(request: Request) -> Response:
            headers = {}
            if kind is TICKET:
                headers = self.account.limits.charge(UPDATES)
            item = await self.item(request, kind)
            document = self._found(request, kind)
            records = self.records[kind.name]
            changed = told(records.update, document, item, self.account.request_id())
            return answer(self.shown(kind, changed), 200, headers)

        return handler

    def create_or_update(self, kind: Kind) -> Handler:
        """Return the handler that changes the record that matches, or adds one."""

        async def handler(request: Request) -> Response:
            item = await self.item(request, kind)
            records = self.records[kind.name]
            document = records.match(item)
            if document is None:
                return self._created(kind, item)
            changed = told(records.update, document, item, self.account.request_id())
            return answer(self.shown(kind, changed))

        return handler

    def delete(self, kind: Kind) -> Handler:
        """Return the handler that deletes a record; a user is shown once more."""

        async def handler(request: Request) -> Response:
            document = self._found(request, kind)
            records = self.records[kind.name]
            told(records.delete, document, self.account.request_id())
            if records is self.users:
                return answer({"user": document | {"active": False}})
            return Response(status_code=204)

        return handler

    async def delete_user_for_good(self, request: Request) -> Response:
        """Forget a user who was deleted before."""
        document = self.users.held.get(path_id(request))
        if document is None:
            raise not_found()
        if document.get("active") is not False:
            sentence = "The user has to be deleted before"
            raise Refusal(error(422, "RecordInvalid", sentence))
        gone = self.users.delete_for_good(document, self.account.request_id())
        return answer({"deleted_user": gone})

    async def deleted_user(self, request: Request) -> Response:
        """Show a user who was deleted."""
        document = self.users.held.get(path_id(request))
        if document is None or document.get("active") is not False:
            raise not_found()
        return answer({"deleted_user": document})

    async def restore(self, request: Request) -> Response:
        """Show a deleted ticket again."""
        document = self.tickets.deleted(path_id(request))
        if document is None:
            raise not_found()
        self.tickets.restore(document, self.account.request_id())
        return Response(status_code=200)

    def _found(self, request: Request, kind: Kind) -> Document:
        document = self.records[kind.name].find(path_id(request))
        if document is None:
            raise not_found()
        return document


def told(write: Any, *given: Any) -> Any:
    """Carry out a write; what it refuses is the answer."""
    try:
        return write(*given)
    except Rejected as rejected:
        response = rejected.response
        if rejected.status == 429:
            response.headers["Retry-After"] = "60"
        raise Refusal(response) from rejected
