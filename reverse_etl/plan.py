"""Plan: what each system should hold but does not, compared three ways per field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from reverse_etl.change import (
    Change,
    Decision,
    FieldChange,
    change_id,
)
from reverse_etl.contract import Contract, Create, Entity, Field, Receiver
from reverse_etl.described import Described, Unfit, unfit
from reverse_etl.document import document, named
from reverse_etl.issue import Issue
from reverse_etl.known import Known
from reverse_etl.ledger import ACTOR, Ledger
from reverse_etl.mirror import Base, Mirror, Missing, Pair, opened
from reverse_etl.three_way import NotComparableError


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
    kind: Literal["regular", "revert"] = "regular"
    author: str = ACTOR  # who asked for it: a person never approves what they asked for
    undoes: str | None = None  # the plan that a revert undoes
    loads: Mapping[str, str] = field(default_factory=dict)  # by system: what was seen
    arr_minor: Mapping[str, int] = field(default_factory=dict)  # by customer, US cents

    @property
    def is_empty(self) -> bool:
        """Say whether nothing new is to be changed."""
        return not self.changes

    @property
    def is_converged(self) -> bool:
        """Say whether every system holds every golden value: the certificate."""
        return self.is_empty and not (self.standing or self.issues or self.busy)


def named_plan(plan: Plan) -> Plan:
    """Name a plan after its content."""
    return replace(plan, plan_id=named(document(plan)))


class PlanUnavailableError(Exception):
    """Something could not be looked at: there is no plan, rather than part of one."""


def make_plan(
    warehouse: Path,
    contract: Contract,
    ledger: Ledger,
    *,
    made_at: datetime,
    described: Described | None = None,
    author: str = ACTOR,
) -> Plan:
    """Compare the golden records with what ingestion last saw in each system.

    What already stands in the ledger with the same content is not planned again. The
    warehouse is only read, and so is the ledger: `guard` takes the plan in.

    Args:
        warehouse: The file with golden records and what ingestion saw.
        contract: Who receives what.
        ledger: What was planned, sent and confirmed before.
        made_at: Now.
        described: What the systems say of their fields, see `described.describe`.
        author: Who asks for the plan.

    Raises:
        PlanUnavailableError: A table, a column or a system's load is not there.
    """
    draft = _Draft(Known(ledger), described or {})
    try:
        with opened(warehouse) as mirror:
            for entity in contract.entities:
                draft.reviews(mirror, entity)
                for receiver in entity.receivers:
                    draft.look(mirror, entity, receiver)
            draft.explain(mirror)
    except (duckdb.Error, NotComparableError) as error:
        raise PlanUnavailableError(
            f"No plan could be made, as not everything could be looked at: {error}"
        ) from error
    return draft.plan(contract, made_at, author)


@dataclass(slots=True)
class _Group:
    """The differing fields of one record that go together."""

    entity: Entity
    pair: Pair
    fields: dict[str, FieldChange] = field(default_factory=dict)


class _Draft:
    """A plan while it is being made."""

    def __init__(self, known: Known, described: Described) -> None:
        self._known = known
        self._described = described
        self._loads: dict[str, str] = {}
        self._arr: dict[str, int] = {}
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

    def look(self, mirror: Mirror, entity: Entity, receiver: Receiver) -> None:
        """Compare an entity with one of its receivers."""
        if load := mirror.loaded(receiver.system):
            self._loads[receiver.system] = load
        if receiver.create:
            self.creates(mirror, entity, receiver, receiver.create)
        elif pushed := entity.pushed(receiver):
            self.updates(mirror, entity, receiver, pushed)

    def explain(self, mirror: Mirror) -> None:
        """Add the record that each golden value comes from, and what customers pay."""
        customers = {
            group.pair.customer_id
            for group in self._groups.values()
            if group.pair.customer_id
        }
        winners = mirror.winners(customers)
        for group in self._groups.values():
            for name, changed in group.fields.items():
                at = (str(group.pair.customer_id), changed.canonical)
                group.fields[name] = replace(changed, source_record=winners.get(at))
        self._arr = mirror.arr()

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
        reason = unfit(
            self._described, receiver.system, receiver.object, pair.field, pair.ours
        )
        if reason:
            self._issue(reason.kind, receiver, pair, reason)
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

    def _issue(
        self, kind: str, receiver: Receiver, pair: Pair, why: Unfit | None = None
    ) -> None:
        # A field that is not there is one mistake, however many records wait for it.
        of_all = kind in {"missing_field", "read_only"}
        issue = Issue(
            kind=kind,
            system=receiver.system,
            object=receiver.object,
            record_id="*" if of_all else pair.record_id,
            field=pair.field,
            customer_id=None if of_all else pair.customer_id,
            theirs=None if of_all else pair.theirs,
            ours=None if of_all else pair.ours,
            base=None if of_all else pair.base,
            unfit=why,
        )
        if not of_all or issue not in self._issues:
            self._issues.append(issue)

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
                self._create(_creation(entity, receiver, create, row))
            elif made != "confirmed":
                self._issues.append(_vanished(receiver, row))

    def _create(self, change: Change) -> None:
        """Want a record made, if it can hold all that it is to be made of."""
        for made in change.fields:
            why = unfit(
                self._described, change.system, change.object, made.field, made.ours
            )
            if why:
                self._issues.append(_unfit(change, made, why))
                return
        self._creates.append(change)

    def plan(self, contract: Contract, made_at: datetime, author: str) -> Plan:
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
        standing_ids = frozenset(change.change_id for change in standing.values())
        return named_plan(
            Plan(
                plan_id="",
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
                author=author,
                loads=self._loads,
                arr_minor=self._arr,
            )
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


def _unfit(change: Change, made: FieldChange, why: Unfit) -> Issue:
    return Issue(
        kind=why.kind,
        system=change.system,
        object=change.object,
        record_id=change.target,
        field=made.field,
        customer_id=change.customer_id,
        theirs=None,
        ours=made.ours,
        base=None,
        unfit=why,
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
