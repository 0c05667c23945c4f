"""Place: one system's sandbox in process, a destination connected to it, a ledger."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from ingestion.errors import Conflict, Refused, Rejected, SystemFault
from ingestion.systems import system
from operations.store import Store as OperationsStore
from reverse_etl.change import Change, FieldChange, canonical
from reverse_etl.destinations import Answer, Destination, Held, Outgoing
from reverse_etl.destinations.registry import DESTINATIONS
from reverse_etl.ledger import Ledger
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from sandbox.clients import InProcess
from sandbox.clock import Clock as VendorClock
from sandbox.credentials import Credentials
from sandbox.faults import Faults
from sandbox.server import application
from sandbox.store import Store
from sandbox.vendors import vendor
from tests.conformance.account import company
from tests.reverse_etl.destinations.target import Bad, Call, Target
from tests.reverse_etl.support import Clock, admit, update

_WAITS = ("zendesk", "netsuite")
_A_SECOND = ("requests_per_second", "endpoint_requests_per_second")
_UNHURRIED = dict.fromkeys(_A_SECOND, 10_000)
_SHUT = ("closed", "deleted")  # of tickets, which then take no change
_HUMAN = {"actor": "human", "request_id": "1"}


class Counting(InProcess):
    """The way to the sandbox, which notes what goes over it."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Note the call, then answer it."""
        if self.is_unplugged:
            raise httpx.ConnectError("nobody is there", request=request)
        self.calls.append(f"{request.method} {request.url.path}")
        return super().handle_request(request)

    calls: list[str]
    is_unplugged = False


@dataclass
class Place:
    """A destination, the sandbox behind it, and how things stand there."""

    target: Target
    destination: Destination
    store: Store
    faults: Faults
    way: "Counting"
    ledger: Ledger
    clock: Clock

    @property
    def calls(self) -> list[str]:
        """Return what went over the wire, method and path."""
        return self.way.calls

    def unplug(self) -> None:
        """Let nobody be reached any more."""
        self.way.is_unplugged = True

    # What the product does.

    def updates(self, count: int, start: int = 0) -> list[Change]:
        """Return a change of one field of so many records."""
        target = self.target
        ids = self.ids()[start : start + count]
        return [
            self.update(record_id, target.text.format(place))
            for place, record_id in enumerate(ids)
        ]

    def update(self, record_id: str, ours: str) -> Change:
        """Return a change of the field of a record."""
        return self._update(record_id, self.target.field, self.target.column, ours)

    def bad(self, record_id: str, bad: Bad) -> Change:
        """Return a change that the vendor turns down."""
        return self._update(record_id, bad.field, bad.column, bad.value)

    def _update(self, record_id: str, name: str, column: str, ours: str) -> Change:
        target = self.target
        theirs = canonical(at(self.document(record_id), column)) if column else None
        return update(
            record_id,
            system=target.name,
            object=target.object,
            fields=(FieldChange(name, name, theirs, ours),),
        )

    def creation(self) -> Change:
        """Return the change that makes the target's new record."""
        made = self.target.made
        assert made is not None
        some = self.ids()[0]
        fields = tuple(
            FieldChange(name, name, None, value or some)
            for name, value in made.values.items()
        )
        plain = update("", system=self.target.name, object=made.object, fields=fields)
        return replace(
            plain,
            record_id=None,
            external_key=made.key,
            action="create",
            change_id=f"made{plain.change_id}"[:24],
        )

    def read(self, *changes: Change) -> dict[str, Held]:
        """Look at the records, in as few calls as the destination takes."""
        size = self.destination.caps.read_size
        return {
            key: held
            for start in range(0, len(changes), size)
            for key, held in self.destination.read(
                changes[start : start + size]
            ).items()
        }

    def outgoing(self, *changes: Change) -> list[Outgoing]:
        """Look at the records, as the engine does, and address the changes."""
        held = self.read(*changes)
        return [
            Outgoing(
                change,
                f"{change.change_id}-0",
                found.version if (found := held.get(change.change_id)) else None,
            )
            for change in changes
        ]

    def send(self, *changes: Change) -> list[Answer]:
        """Look, then send, in as few batches as the destination takes."""
        return self.post(self.outgoing(*changes))

    def post(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Send what was looked at, in as few calls as the destination takes."""
        size = self.destination.caps.write_size
        return [
            answer
            for start in range(0, len(batch), size)
            for answer in self.destination.send(batch[start : start + size])
        ]

    def fault(self, batch: Sequence[Outgoing]) -> SystemFault | None:
        """Send; return the one fault, of the call or of its only record."""
        try:
            [answer] = self.post(batch)
        except SystemFault as fault:
            return fault
        return answer.fault

    def push(self, *changes: Change) -> dict[str, str]:
        """Let the engine carry the changes out, and return their states by change."""
        sizes = {(change.system, change.object): 1000 for change in changes}
        admit(self.ledger, *changes, sizes=sizes)
        there = {self.target.name: self.destination}
        push(self.ledger, there, self.clock, pause=self.clock.pause)
        read_back(self.ledger, there, self.clock)
        every = ("ready", "waiting", "held", "sending", "unknown", "acknowledged")
        ends = ("confirmed", "rejected", "conflict", "diverged")
        return {
            row.change.change_id: row.state for row in self.ledger.rows((*every, *ends))
        }

    def written(self, record_id: str) -> list[Any]:
        """Return the values that we wrote into the field of a record, in order."""
        target = self.target
        return [
            line.new
            for line in self.store.journal
            if line.actor != "human"
            and (line.object.lower(), line.id) == (target.held.lower(), record_id)
            and line.field in (target.column, target.column.partition(".")[0])
        ]

    def answers(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Send as the engine does: what fails for one record's sake is halved."""
        try:
            return self.post(batch)
        except (Rejected, Conflict, Refused) as fault:
            if len(batch) == 1:
                return [Answer(fault=fault)]
        middle = len(batch) // 2
        return [*self.answers(batch[:middle]), *self.answers(batch[middle:])]

    # What people do at the vendor, and what happens on the way.

    def ids(self) -> list[str]:
        """Return the identifiers of the object's records."""
        return [
            str(each[self.target.key])
            for each in self.store.collection(self.target.name, self.target.held)
            if not each.get("IsDeleted")
            and not each.get("archived")
            and each.get("status") not in _SHUT
        ]

    def document(self, record_id: str) -> Mapping[str, Any]:
        """Return a record as the vendor holds it."""
        held = self.store.collection(self.target.name, self.target.held)
        found = held.get(_id(record_id))
        assert found is not None
        return found

    def value(self, record_id: str) -> str | None:
        """Return the field of a record, as the vendor holds it."""
        return canonical(at(self.document(record_id), self.target.column))

    def edit(self, record_id: str, text: str) -> None:
        """Let a colleague change the field of a record."""
        name, fields = self.target.name, {self.target.column: text}
        self.store.update(name, self.target.held, _id(record_id), fields, **_HUMAN)

    def delete(self, record_id: str) -> None:
        """Let a colleague delete a record."""
        target = self.target
        place = (target.name, target.held, _id(record_id))
        if target.deleted is None:
            self.store.delete(*place, **_HUMAN)
        else:
            self.store.update(*place, target.deleted, **_HUMAN)

    def made(self) -> list[Mapping[str, Any]]:
        """Return the records that carry the key of the target's new record."""
        made = self.target.made
        assert made is not None
        return [
            each
            for each in self.store.collection(self.target.name, made.held)
            if at(each, made.found) == made.key
        ]

    def spoil(self, kind: str, call: Call | None = None, **more: Any) -> None:
        """Plan a fault for the next call that writes."""
        where = call or self.target.call
        self.faults.plan(
            [
                {
                    "system": self.target.name,
                    "method": where.method,
                    "path_contains": where.path,
                    "skip": where.looks,
                    "kind": kind,
                    **more,
                }
            ]
        )

    def spoil_push(self, kind: str, **more: Any) -> None:
        """Plan a fault for the call of the next push that writes."""
        call = self.target.call
        if call.pushed is not None:
            more["skip"] = call.pushed
        self.spoil(kind, **more)

    def between(self, record_id: str, text: str) -> None:
        """Let a colleague edit a record after our last look, before our write."""
        target = self.target
        edit = {
            "system": target.name,
            "object": target.held,
            "id": _id(record_id),
            "fields": {target.column: text},
        }
        self.spoil("edit", edit=edit)


def at(document: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path."""
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _id(record_id: str) -> Any:
    """Return an identifier as the store keeps it."""
    return record_id


@contextmanager
def opened(target: Target, keys: Credentials, folder: Path) -> Iterator[Place]:
    """Open a sandbox of the target's own, without a socket."""
    documents = company(target.customers)[target.name]
    store = Store({target.name: documents}, VendorClock())
    # Without a wire, calls follow each other faster than any network lets them.
    store.set_conditions({"stripe": _UNHURRIED} if target.name == "stripe" else {})
    app = application(store, keys, only=[target.name])
    transport = Counting(app)
    transport.calls = []
    environ = {**vendor(target.name).environment(keys, folder), **target.environ}
    rest = system(target.name).connect(environ, transport)
    destination: Any = DESTINATIONS[target.name](rest, environ)
    if target.name in _WAITS:  # for a job, which the sandbox carries out at once
        waits = destination if target.name == "zendesk" else destination._jobs
        waits._pause = lambda _: None
    clock = Clock()
    with OperationsStore(folder / "operations.sqlite") as operations, rest:
        yield Place(
            target,
            destination,
            store,
            app.state.faults,
            transport,
            Ledger(operations),
            clock,
        )
    transport.close()
