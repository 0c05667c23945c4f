"""Zendesk's bulk writes: what a request asks a job to do."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.wire import Refusal
from sandbox.zendesk.account import Account
from sandbox.zendesk.jobs import Jobs
from sandbox.zendesk.kinds import TICKET, USER, Kind
from sandbox.zendesk.lists import Handler
from sandbox.zendesk.shapes import body_json, error, ids_of, path_id

MAX_MANY = 100


class Bulk:
    """The bulk writes of one account."""

    def __init__(self, account: Account, jobs: Jobs) -> None:
        """Give work to these jobs."""
        self.account = account
        self.jobs = jobs

    async def _items(self, request: Request, kind: Kind) -> list[Any]:
        items = (await body_json(request)).get(kind.plural)
        if not isinstance(items, list) or not items:
            sentence = f"Parameter {kind.plural} is required"
            raise Refusal(error(400, "ParameterMissing", sentence))
        return _counted(items, kind)

    def _allow(self, kind: Kind) -> None:
        """Refuse bulk writes of users where the account doesn't have them."""
        if kind is USER and not self.account.condition("bulk_user_imports", True):  # noqa: FBT003 -- the default of a flag
            sentence = "You do not have access to this page: bulk imports are disabled"
            raise Refusal(error(403, "Forbidden", sentence))

    def create(self, kind: Kind, action: str = "create") -> Handler:
        """Return the handler that adds, or adds and changes, many records."""

        async def handler(request: Request) -> Response:
            self._allow(kind)
            items = await self._items(request, kind)
            return self.jobs.accept(request, kind.name, action, items)

        return handler

    def update(self, kind: Kind) -> Handler:
        """Return the handler that changes many: each its own way, or all one way."""

        async def handler(request: Request) -> Response:
            key, ids = _named(request)
            if key is None:
                items = await self._items(request, kind)
                return self.jobs.accept(request, kind.name, "update", items)
            body = await body_json(request)
            if isinstance(body.get(kind.plural), list):
                # Some clients name the ids twice; the body's items say more.
                items = _counted(body[kind.plural], kind)
            else:
                change = body.get(kind.name)
                if not isinstance(change, dict):
                    sentence = f"Parameter {kind.name} is required"
                    raise Refusal(error(400, "ParameterMissing", sentence))
                items = [change | {key: each} for each in ids]
            return self.jobs.accept(request, kind.name, "update", items)

        return handler

    def delete(self, kind: Kind) -> Handler:
        """Return the handler that deletes many records."""

        async def handler(request: Request) -> Response:
            key, ids = _named(request)
            if key is None:
                ids, key = ids_of(request, "ids", MAX_MANY), "id"
            items = [{key: each} for each in ids]
            return self.jobs.accept(request, kind.name, "delete", items)

        return handler

    async def forget(self, request: Request) -> Response:
        """Let a job take deleted tickets away for good."""
        if "id" in request.path_params:
            ids = [path_id(request)]
        else:
            ids = ids_of(request, "ids", MAX_MANY)
        items = [{"id": int(each)} for each in ids]
        return self.jobs.accept(request, TICKET.name, "forget", items)


def _named(request: Request) -> tuple[str | None, list[Any]]:
    """Return the key and the values by which the query names records."""
    if "ids" in request.query_params:
        return "id", [int(each) for each in ids_of(request, "ids", MAX_MANY)]
    if "external_ids" in request.query_params:
        return "external_id", list(ids_of(request, "external_ids", MAX_MANY))
    return None, []


def _counted(items: list[Any], kind: Kind) -> list[Any]:
    if len(items) > MAX_MANY:
        sentence = f"A maximum of {MAX_MANY} {kind.plural} is allowed at a time"
        raise Refusal(error(400, "TooManyValues", sentence))
    return items
