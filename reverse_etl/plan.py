"""Plan: what each system should hold but does not, compared three ways per field."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from operations.exceptions import Break
from operations.store import text
from reverse_etl.change import (
    Change,
    Decision,
    FieldChange,
    change_id,
)
from reverse_etl.contract import Contract, Create, Entity, Field, Receiver
from reverse_etl.ledger import IN_FLIGHT, STANDING, Ledger, Row
from reverse_etl.mirror import Base, Mirror, Missing, Pair, Written, opened


@dataclass(frozen=True, slots=True)
class Issue:
    """A difference that is not sent: a person decides in the inbox."""

    kind: str  # user_edit, conflict, contradiction or vanished
    system: str
    object: str
    record_id: str
    field: str
    customer_id: str | None
    theirs: str | None
    ours: str | None
    base: str | None

    @property
    def broken(self) -> Break:
        """Tell it as an exception."""
        place = f"{self.field} of {self.system} {self.object} {self.record_id}"
        sentence = {
            "user_edit": f"{place} was changed there to {self.theirs!r};"
            f" the golden value is {self.ours!r}.",
            "conflict": f"{place} was changed there to {self.theirs!r} while the golden"
            f" value moved from {self.base!r} to {self.ours!r}.",
            "contradiction": f"Two golden rows give {place} different values.",
            "vanished": f"{self.system} {self.object} {self.record_id} was made by us"
            " and is not there any more.",
        }[self.kind]
        return Break(
            fingerprint=f"{self.kind}:{self.system}:{self.object.lower()}"
            f":{self.record_id}:{self.field}",
            kind=self.kind,
            subject=sentence,
            severity="S3",
            record_key=f"{self.system}:{self.object.lower()}:{self.record_id}",
            customer_id=self.customer_id,
            detail={
                "system": self.system,
                "object": self.object,
                "record_id": self.record_id,
                "field": self.field,
                "theirs": self.theirs,
                "ours": self.ours,
                "base": self.base,
            },
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A frozen comparison of all governed fields, and the changes that follow."""

    plan_id: str
    made_at: datetime
    contract_hash: str
    changes: tuple[Change, ...]
    standing: frozenset[str]  # change ids in the ledger that are wanted as they are
    withdrawn: frozenset[str]  # change ids in the ledger that nobody wants any more
    issues: tuple[Issue, ...]
    converged: tuple[Base, ...]  # fields seen equal whose base is to be refreshed
    sizes: Mapping[tuple[str, str], int]  # records by system and object
    governed: int  # fields compared
    equal: int  # of them, fields that hold the golden value
    busy: int  # differences of records whose outcome has to be read first
    in_review: frozenset[str] = frozenset()  # customers who may be others as well

    @property
    def is_empty(self) -> bool:
        """Say whether nothing new is to be changed."""
        return not self.changes

    @property
    def is_converged(self) -> bool:
        """Say whether every system holds every golden value: the certificate."""
        return self.is_empty and not (self.standing or self.issues or self.busy)


def make_plan(
    warehouse: Path, contract: Contract, ledger: Ledger, *, made_at: datetime
) -> Plan:
    """Compare the golden records with what ingestion last saw in each system.

    What already stands in the ledger with the same content is not planned again. The
    warehouse is only read, and so is the ledger: `guard` takes the plan in.
    """
    draft = _Draft(_Known(ledger))
    with opened(warehouse) as mirror:
        for entity in contract.entities:
            draft.reviews(mirror, entity)
            for receiver in entity.receivers:
                if receiver.create:
                    draft.creates(mirror, entity, receiver, receiver.create)
                elif pushed := entity.pushed(receiver):
                    draft.updates(mirror, entity, receiver, pushed)
    return draft.plan(contract, made_at)


class _Known:
    """What the ledger knew when the plan was begun."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.standing = {
            row.change.content_hash: row.change for row in ledger.rows(STANDING)
        }
        # A record that was made stays made: only updates give way to the next plan.
        self.diverged = [
            row.change
            for row in ledger.rows(("diverged",))
            if row.change.action == "update"
        ]
        self.busy = {_place(row) for row in ledger.rows(IN_FLIGHT)}
        self.created = ledger.created()
        self._confirmed = {
            (*_place(row), changed.field): changed
            for row in ledger.rows(("confirmed",))
            for changed in row.change.fields
        }

    def written(self, receiver: Receiver) -> list[Written]:
        """Return what we wrote to an object and ingestion has not seen yet."""
        return [
            Written(record_id, name, changed.theirs)
            for (*at, record_id, name), changed in self._confirmed.items()
            if at == [receiver.system, receiver.object]
        ]


@dataclass(slots=True)
class _Group:
    """The differing fields of one record that go together."""

    entity: Entity
    pair: Pair
    fields: dict[str, FieldChange] = field(default_factory=dict)


class _Draft:
    """A plan while it is being made."""

    def __init__(self, known: _Known) -> None:
        self._known = known
        self._groups: dict[tuple[str, str, str, bool], _Group] = {}
        self._creates: list[Change] = []
        self._issues: list[Issue] = []
        self._converged: list[Base] = []
        self._sizes: dict[tuple[str, str], int] = {}
        self._in_review: set[str] = set()
        self._governed = self._differing = self._busy = 0

    def reviews(self, mirror: Mirror, entity: Entity) -> None:
        """Note of whom an entity says that people are asked who they are."""
        self._in_review |= mirror.in_review(entity)

    def updates(
        self,
        mirror: Mirror,
        entity: Entity,
        receiver: Receiver,
        pushed: tuple[tuple[Field, str], ...],
    ) -> None:
        """Compare the fields of an existing object's records."""
        at = (receiver.system, receiver.object)
        self._sizes[at] = mirror.count(receiver)
        self._governed += mirror.governed(entity, receiver, pushed)
        contradicted = mirror.contradicted(entity, receiver, pushed)
        approvals = {there: field.approval for field, there in pushed}
        base = self._known.ledger.base(*at)
        written = self._known.written(receiver)
        for pair in mirror.pairs(entity, receiver, pushed, base, written):
            if (*at, pair.record_id) in self._known.busy:
                self._differing += pair.theirs != pair.ours
                self._busy += 1
            elif (pair.record_id, pair.field) in contradicted:
                self._differing += pair.theirs != pair.ours
                self._issue("contradiction", receiver, pair)
            else:
                self._compare(entity, receiver, pair, approval=approvals[pair.field])

    def _compare(
        self, entity: Entity, receiver: Receiver, pair: Pair, *, approval: bool
    ) -> None:
        if pair.decision is Decision.CONVERGED:
            self._converged.append(
                Base(
                    receiver.system,
                    receiver.object,
                    pair.record_id,
                    pair.field,
                    pair.ours,
                )
            )
            return
        self._differing += 1
        if pair.decision is not Decision.WRITE:
            self._issue(pair.decision.value, receiver, pair)
            return
        at = (receiver.system, receiver.object, pair.record_id, approval)
        group = self._groups.setdefault(at, _Group(entity, pair))
        group.fields[pair.field] = FieldChange(
            field=pair.field,
            canonical=pair.canonical,
            theirs=pair.theirs,
            ours=pair.ours,
            base=pair.base,
            base_known=pair.base_known,
            source=pair.source,
        )

    def _issue(self, kind: str, receiver: Receiver, pair: Pair) -> None:
        self._issues.append(
            Issue(
                kind=kind,
                system=receiver.system,
                object=receiver.object,
                record_id=pair.record_id,
                field=pair.field,
                customer_id=pair.customer_id,
                theirs=pair.theirs,
                ours=pair.ours,
                base=pair.base,
            )
        )

    def creates(
        self, mirror: Mirror, entity: Entity, receiver: Receiver, create: Create
    ) -> None:
        """Find the rows whose record is still to be made."""
        if receiver.model:
            self._sizes[receiver.system, receiver.object] = mirror.count(receiver)
        for row in mirror.missing(entity, receiver, create):
            at = (receiver.system, receiver.object, row.external_key)
            made = self._known.created.get(at)
            if (*at[:2], f"key:{row.external_key}") in self._known.busy:
                self._busy += 1
            elif made is None:
                self._creates.append(_creation(entity, receiver, create, row))
            elif made != "confirmed":
                self._issues.append(_vanished(receiver, row))

    def plan(self, contract: Contract, made_at: datetime) -> Plan:
        """Set what is wanted against what the ledger already holds."""
        wanted = {change.content_hash: change for change in self._wanted()}
        standing = {
            content: change
            for content, change in self._known.standing.items()
            if content in wanted or self._is_busy(change)
        }
        withdrawn = [*self._known.standing.values(), *self._known.diverged]
        changes = tuple(
            replace(
                change,
                change_id=change_id(content, self._known.ledger.generation(content)),
            )
            for content, change in wanted.items()
            if content not in standing
        )
        digest = hashlib.sha256(f"{text(made_at)}|{contract.hash}".encode())
        for change in changes:
            digest.update(change.change_id.encode())
        standing_ids = frozenset(change.change_id for change in standing.values())
        return Plan(
            plan_id=digest.hexdigest()[:24],
            made_at=made_at,
            contract_hash=contract.hash,
            changes=changes,
            standing=standing_ids,
            withdrawn=frozenset(change.change_id for change in withdrawn)
            - standing_ids,
            issues=tuple(self._issues),
            converged=tuple(self._converged),
            sizes=self._sizes,
            governed=self._governed,
            equal=self._governed - self._differing,
            busy=self._busy,
            in_review=frozenset(self._in_review),
        )

    def _is_busy(self, change: Change) -> bool:
        return (change.system, change.object, change.target) in self._known.busy

    def _wanted(self) -> Iterator[Change]:
        for (system, object_name, record_id, approval), group in self._groups.items():
            yield Change(
                change_id="",
                system=system,
                object=object_name,
                record_id=record_id,
                external_key=None,
                entity=group.entity.name,
                entity_id=group.pair.entity_id,
                customer_id=group.pair.customer_id,
                action="update",
                fields=tuple(group.fields.values()),
                approval=approval,
                amount_minor=None,
                currency=None,
                reason="; ".join(
                    f"{changed.canonical}: {changed.source or 'our rule'} says"
                    f" {changed.ours!r}, {system} holds {changed.theirs!r}"
                    for changed in group.fields.values()
                ),
            )
        yield from self._creates


def _creation(
    entity: Entity, receiver: Receiver, create: Create, row: Missing
) -> Change:
    return Change(
        change_id="",
        system=receiver.system,
        object=receiver.object,
        record_id=None,
        external_key=row.external_key,
        entity=entity.name,
        entity_id=row.entity_id,
        customer_id=row.customer_id,
        action="create",
        fields=tuple(
            FieldChange(field=there, canonical=column, theirs=None, ours=value)
            for there, (column, value) in row.values.items()
        ),
        approval=create.approval,
        amount_minor=row.amount_minor,
        currency=row.currency,
        reason=f"{receiver.system} has no {receiver.object} for"
        f" {entity.name} {row.entity_id}",
    )


def _vanished(receiver: Receiver, row: Missing) -> Issue:
    return Issue(
        kind="vanished",
        system=receiver.system,
        object=receiver.object,
        record_id=f"key:{row.external_key}",
        field="",
        customer_id=row.customer_id,
        theirs=None,
        ours=row.external_key,
        base=None,
    )


def _place(row: Row) -> tuple[str, str, str]:
    """Name where a change goes; a record we made keeps the place of our key."""
    change = row.change
    made = change.action == "create"
    target = f"key:{change.external_key}" if made else change.target
    return change.system, change.object, target
