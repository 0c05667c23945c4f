"""Zendesk's groups and memberships: who works where, and who belongs to whom."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Document, column
from sandbox.wire import Refusal, answer
from sandbox.zendesk.account import Account
from sandbox.zendesk.kinds import GROUP, GROUP_MEMBERSHIP, MEMBERSHIP, Kind
from sandbox.zendesk.lists import Handler
from sandbox.zendesk.shapes import (
    Problems,
    body_json,
    error,
    invalid,
    not_found,
    path_id,
    problem,
)

KINDS = (GROUP, GROUP_MEMBERSHIP, MEMBERSHIP)
# The records that a membership joins, by the field that names them.
_JOINED = {
    GROUP_MEMBERSHIP.name: {"user_id": "user", "group_id": "group"},
    MEMBERSHIP.name: {"user_id": "user", "organization_id": "organization"},
}


class Memberships:
    """The groups and memberships of one account."""

    def __init__(self, account: Account) -> None:
        """Write this account's memberships."""
        self.account = account

    def create(self, kind: Kind) -> Handler:
        """Return the handler that adds a group or a membership."""

        async def handler(request: Request) -> Response:
            wanted = (await body_json(request)).get(kind.name)
            if not isinstance(wanted, dict):
                sentence = f"Parameter {kind.name} is required"
                raise Refusal(error(400, "ParameterMissing", sentence))
            details = self._wrong(kind, wanted)
            if details:
                raise Refusal(invalid(details))
            number = self.account.number()
            named = _JOINED.get(kind.name, {"name": ""})
            record: Document = {
                "id": number,
                "url": f"https://concord.zendesk.com/api/v2/{kind.plural}/{number}.json",
                **{name: wanted[name] for name in named},
                "default": bool(wanted.get("default", False)),
                "created_at": self.account.now(),
            }
            created = self.account.store.create(
                "zendesk",
                kind.name,
                record,
                actor="api",
                request_id=self.account.request_id(),
            )
            return answer({kind.name: created}, 201)

        return handler

    def delete(self, kind: Kind) -> Handler:
        """Return the handler that takes a group or a membership away."""

        async def handler(request: Request) -> Response:
            number = path_id(request)
            if self.account.held(kind.name).get(number) is None:
                raise not_found()
            self.account.store.delete(
                "zendesk",
                kind.name,
                number,
                actor="api",
                request_id=self.account.request_id(),
            )
            return Response(status_code=204)

        return handler

    def _wrong(self, kind: Kind, wanted: Document) -> Problems:
        """Return what is wrong with a new one."""
        joined = _JOINED.get(kind.name)
        if joined is None:
            name = wanted.get("name")
            if not isinstance(name, str) or not name.strip():
                return problem("name", "cannot be blank", "BlankValue")
            return {}
        for field, target in joined.items():
            number = wanted.get(field)
            if not isinstance(number, int) or not self.account.held(target).count(
                "id = ?", (str(number),)
            ):
                return problem(field, "is invalid", "InvalidValue")
        same = " and ".join(f"{column(field)} = ?" for field in joined)
        values = tuple(wanted[field] for field in joined)
        if self.account.held(kind.name).count(same, values):
            return problem("user_id", "has already been taken", "DuplicateValue")
        return {}
