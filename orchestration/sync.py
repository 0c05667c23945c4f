"""Sync: the way back as steps that a command and an asset call alike.

`make` a plan, take it in, carry it out and read it back, verify that it arrived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingestion.systems import SYSTEMS
from operations.audit import Head, verify
from operations.store import Store
from orchestration.home import TRANSFORM, Home, NotReadyError
from reverse_etl.contract import Contract, load_contract
from reverse_etl.described import describe
from reverse_etl.destinations import Destination
from reverse_etl.destinations.registry import connect
from reverse_etl.forecast import Forecast, forecast
from reverse_etl.guard import Guarded, guard, reconsider
from reverse_etl.ledger import ACTOR, Ledger
from reverse_etl.plan import Plan, make_plan
from reverse_etl.policy import Policy, load_policy
from reverse_etl.push import PushSummary, push
from reverse_etl.quota import room
from reverse_etl.read_back import ReadBack, read_back
from reverse_etl.revert import plan_revert
from reverse_etl.settle import Settled, settle


@dataclass(frozen=True, slots=True)
class Applied:
    """What was sent, and what reading it back said."""

    pushed: PushSummary
    seen: ReadBack

    @property
    def is_whole(self) -> bool:
        """Say whether every system was there, and every record held what was sent."""
        silent = self.pushed.refused or self.pushed.away or self.pushed.unconnected
        return not (silent or self.seen.unread or self.seen.diverged)


@dataclass(frozen=True, slots=True)
class Verified:
    """What the last ingestion saw of confirmed changes, and the audit chain's end."""

    settled: Settled
    seen: ReadBack
    head: Head


def policy_of(home: Home) -> Policy:
    """Return the guards, with the installation's own laid over them."""
    return load_policy(home.folder / "guards.yml")


def contract_of() -> Contract:
    """Return the contract of this checkout."""
    return load_contract(TRANSFORM / "models")


def make(home: Home, store: Store, at: datetime, author: str = ACTOR) -> Plan:
    """Make a plan of everything; nothing is recorded or sent.

    Raises:
        NotReadyError: Nothing was ingested yet.
        PlanUnavailableError: Something could not be looked at.
        SystemFault: A connected system cannot say what its fields are.
    """
    if not home.warehouse.exists():
        raise NotReadyError(f"{home.folder} has no warehouse yet: run the loop first.")
    contract = contract_of()
    objects = {
        (receiver.system, receiver.object)
        for entity in contract.entities
        for receiver in entity.receivers
    }
    return make_plan(
        home.warehouse,
        contract,
        Ledger(store),
        made_at=at,
        described=describe(connect(home.environ), objects),
        author=author,
    )


def take_in(home: Home, store: Store, plan: Plan, at: datetime) -> Guarded:
    """Put a plan into the ledger, judged by the guards."""
    return guard(plan, Ledger(store), policy_of(home), at)


def foretell(home: Home, plan: Plan) -> tuple[Forecast, ...]:
    """Say what carrying out a plan will cost the connected systems."""
    destinations = connect(home.environ)
    return forecast(
        plan.changes,
        {name: each.caps for name, each in destinations.items()},
        {system.name: system.vendor.LIMITS for system in SYSTEMS},
    )


def revert(
    home: Home, store: Store, plan_id: str, at: datetime, author: str
) -> tuple[Plan, Guarded]:
    """Plan what undoes a plan, and take that plan in."""
    plan = plan_revert(
        home.warehouse,
        contract_of(),
        Ledger(store),
        plan_id,
        made_at=at,
        author=author,
    )
    return plan, take_in(home, store, plan, at)


def judge_anew(home: Home, ledger: Ledger, policy: Policy) -> Guarded:
    """Judge what is unsent as it stands now, within the connected systems' quota."""
    caps = {name: each.caps for name, each in connect(home.environ).items()}
    limits = {system.name: system.vendor.LIMITS for system in SYSTEMS}
    at = now()
    free = room(ledger, caps, limits, policy.quota_share, at)
    return reconsider(ledger, policy, at, free)


def apply(home: Home, store: Store, only: str | None = None) -> Applied:
    """Judge anew, send what may go (of one plan, or of all), and read it back."""
    ledger = Ledger(store)
    policy = policy_of(home)
    destinations = connect(home.environ)
    judge_anew(home, ledger, policy)
    summary = push(ledger, destinations, now, policy=policy, plan_id=only)
    return Applied(summary, read_back(ledger, destinations, now))


def check(home: Home, store: Store) -> Verified:
    """Read back what was not read yet, compare with ingestion, walk the audit chain.

    Raises:
        TamperedError: A row of the chain was altered.
    """
    ledger = Ledger(store)
    destinations: Mapping[str, Destination] = connect(home.environ)
    seen = read_back(ledger, destinations, now)
    settled = settle(ledger, home.warehouse, contract_of(), now())
    return Verified(settled, seen, verify(store))


def plans(store: Store) -> list[dict[str, Any]]:
    """Return the plans that were taken in, newest first, with what became of them."""
    rows = store.rows(
        "select plan_id, made_at, author, kind, planned, count(change_id) as changes,"
        " coalesce(sum(changes.state in ('waiting', 'held')), 0) as to_decide,"
        " coalesce(sum(changes.state in ('confirmed', 'settled')), 0) as arrived"
        " from plans join plan_documents using (plan_id)"
        " left join changes using (plan_id)"
        " group by plan_id order by made_at desc, plan_id"
    )
    return [dict(row) for row in rows]


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)
