"""The way back as assets: exceptions, plan, guard, push, read-back, convergence.

`plan` needs canonical and reconciliation to be built. `convergence` is the loop's
certificate: everything is ingested, resolved and built once more, and the plan made
from it must be empty.
"""

from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb

from ingestion.load import Place, load
from operations.audit import TamperedError, verify
from operations.exceptions import Break, Result, Synced, sync
from operations.lifecycle import advance
from operations.store import Store
from orchestration.changed import build_changed, changed
from orchestration.defs.identity import resolve
from orchestration.defs.resources import POOL, Workplace
from orchestration.defs.transform import BREAKS, COMPARED, bring_evidence
from orchestration.home import TRANSFORM, Home
from orchestration.sync import judge_anew, make, policy_of
from reverse_etl.contract import load_contract
from reverse_etl.destinations.registry import connect
from reverse_etl.guard import guard as apply_guards
from reverse_etl.ledger import IN_FLIGHT, Ledger
from reverse_etl.plan import Plan
from reverse_etl.push import push as carry_out
from reverse_etl.read_back import read_back as look_again
from reverse_etl.settle import settle

GROUP = "reverse_etl"
OWNER = ["team:revops"]


def now() -> datetime:
    """The one place where the steps ask for the time."""
    return datetime.now(UTC)


def take_in(home: Home, store: Store) -> Synced:
    """Take what reconciliation found last into the exceptions."""
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        found = warehouse.execute(
            "select breaks.*, check_results.severity, check_results.owner,"
            " check_results.title, check_results.disorder"
            " from reconciliation.breaks"
            " join reconciliation.check_results using (check_id)"
            " where explained_by is null order by break_key"
        )
        columns = [column[0] for column in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        explained = warehouse.execute(
            "select break_key, explained_by from reconciliation.breaks"
            " where explained_by is not null"
        ).fetchall()
        ran = warehouse.execute(
            f"select {', '.join(Result.__slots__)} from reconciliation.check_results"
        ).fetchall()
        hours = dict(
            warehouse.execute(
                "select check_id, service_level_hours from reconciliation.check_results"
            ).fetchall()
        )
    breaks = [
        Break.from_row(
            _plain(row), row["severity"], row["owner"], hours[row["check_id"]]
        )
        for row in rows
    ]
    results = [Result(*row) for row in ran]
    return sync(store, breaks, now(), results=results, explained=dict(explained))


def follow(store: Store) -> None:
    """Let exceptions follow the changes that repair them."""
    with store.transaction() as connection:
        advance(connection, now())


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Write days as text: the operations store keeps JSON."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


@dg.asset(
    key=[GROUP, "exceptions"],
    group_name=GROUP,
    owners=OWNER,
    kinds={"sqlite"},
    deps=BREAKS,
    pool=POOL,
)
def exceptions(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> dg.MaterializeResult:
    """Open an exception for each unexplained break, close those that are gone."""
    home = workplace.home()
    with Store(home.operations) as store:
        synced = take_in(home, store)
    context.log.info(f"{synced.opened} opened, {synced.closed} closed")
    return dg.MaterializeResult(
        metadata={"opened": synced.opened, "kept": synced.kept, "closed": synced.closed}
    )


@dg.asset(
    key=[GROUP, "plan"],
    group_name=GROUP,
    owners=OWNER,
    kinds={"duckdb", "sqlite"},
    deps=[*COMPARED, exceptions],
    pool=POOL,
)
def plan(context: dg.AssetExecutionContext, workplace: Workplace) -> Plan:
    """Compare golden records, what the systems hold, and what was last confirmed."""
    home = workplace.home()
    with Store(home.operations) as store:
        made = make(home, store, now())
    context.log.info(f"{len(made.changes)} changes planned")
    context.add_output_metadata(_described(made))
    return made


@dg.asset(
    key=[GROUP, "guard"], group_name=GROUP, owners=OWNER, kinds={"sqlite"}, pool=POOL
)
def guard(
    context: dg.AssetExecutionContext, workplace: Workplace, plan: Plan
) -> dg.MaterializeResult:
    """Take the plan into the ledger and say which changes may go out now."""
    home = workplace.home()
    with Store(home.operations) as store:
        guarded = apply_guards(plan, Ledger(store), policy_of(home), now())
        follow(store)
    counts = {
        "ready": len(guarded.ready),
        "waiting": len(guarded.waiting),
        "held": len(guarded.held),
    }
    context.log.info(
        f"{counts['ready']} may go out, {counts['waiting']} wait for approval, "
        f"{counts['held']} held"
    )
    return dg.MaterializeResult(metadata=counts)


@dg.asset(
    key=[GROUP, "push"],
    group_name=GROUP,
    owners=OWNER,
    kinds={"sqlite"},
    deps=[guard],
    check_specs=[
        dg.AssetCheckSpec(
            "every_system_took_part",
            asset=dg.AssetKey([GROUP, "push"]),
            description="Every system with changes was there and let us in.",
        )
    ],
    pool=POOL,
)
def push(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> dg.MaterializeResult:
    """Send what may go out, each change once, whatever happens on the way."""
    home = workplace.home()
    with Store(home.operations) as store:
        ledger, policy = Ledger(store), policy_of(home)
        judge_anew(home, ledger, policy)
        summary = carry_out(ledger, connect(home.environ), now, policy=policy)
        follow(store)
    said = ", ".join(f"{count} {state}" for state, count in summary.counts.items())
    context.log.info(said or "nothing to send")
    silent = {**summary.refused, **summary.away}
    for fault in silent.values():
        context.log.warning(str(fault))
    return dg.MaterializeResult(
        metadata=dict(summary.counts),
        check_results=[
            dg.AssetCheckResult(
                check_name="every_system_took_part",
                passed=not (silent or summary.unconnected),
                metadata={
                    **{system: str(fault) for system, fault in silent.items()},
                    "not connected": ", ".join(summary.unconnected),
                },
            )
        ],
    )


@dg.asset(
    key=[GROUP, "read_back"],
    group_name=GROUP,
    owners=OWNER,
    kinds={"sqlite"},
    deps=[push],
    check_specs=[
        dg.AssetCheckSpec(
            "every_record_was_read",
            asset=dg.AssetKey([GROUP, "read_back"]),
            description="Every written record could be read again.",
        )
    ],
    pool=POOL,
)
def read_back(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> dg.MaterializeResult:
    """Read every written record again: confirmed, or diverged."""
    home = workplace.home()
    with Store(home.operations) as store:
        seen = look_again(Ledger(store), connect(home.environ), now)
        follow(store)
    context.log.info(f"{seen.confirmed} confirmed, {seen.diverged} diverged")
    for fault in seen.unread.values():
        context.log.warning(str(fault))
    return dg.MaterializeResult(
        metadata={"confirmed": seen.confirmed, "diverged": seen.diverged},
        check_results=[
            dg.AssetCheckResult(
                check_name="every_record_was_read",
                passed=not seen.unread,
                metadata={system: str(fault) for system, fault in seen.unread.items()},
            )
        ],
    )


@dg.asset(
    key=[GROUP, "convergence"],
    group_name=GROUP,
    owners=OWNER,
    kinds={"dlt", "dbt", "duckdb"},
    deps=[read_back],
    check_specs=[
        dg.AssetCheckSpec(
            "audit_chain_holds",
            asset=dg.AssetKey([GROUP, "convergence"]),
            description="No row of the audit chain was altered, inserted or removed.",
        ),
        dg.AssetCheckSpec(
            "second_plan_is_empty",
            asset=dg.AssetKey([GROUP, "convergence"]),
            description="After a plan was carried out there is nothing left to plan.",
        ),
    ],
    pool=POOL,
)
def convergence(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> dg.MaterializeResult:
    """Go round once more, if anything was written: it must arrive, nothing remain."""
    home = workplace.home()
    with Store(home.operations) as store:
        awaited = Ledger(store).rows(("confirmed", *IN_FLIGHT))
    if awaited:
        with workplace.writing("convergence"):
            _go_round(context, home)
    with Store(home.operations) as store:
        contract = load_contract(TRANSFORM / "models")
        settled = settle(Ledger(store), home.warehouse, contract, now())
        take_in(home, store)
        second = make(home, store, now())
        unsent = len(Ledger(store).rows(("ready", *IN_FLIGHT)))
        held = len(Ledger(store).rows(("held",)))
        chain = _audited(store)
    with workplace.writing("evidence"):
        bring_evidence(home)
    left = len(second.changes) + unsent
    context.log.info(
        f"{settled.settled} changes seen again, {settled.diverged} diverged; "
        f"{left} changes in the second plan"
    )
    return dg.MaterializeResult(
        metadata={
            **_described(second),
            "settled": settled.settled,
            "unsent": unsent,
            "held": held,
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="second_plan_is_empty",
                passed=left == 0,
                metadata={"changes": left},
            ),
            chain,
        ],
    )


def _go_round(context: dg.AssetExecutionContext, home: Home) -> None:
    """Load, resolve and build what changed since the run began."""
    place = Place(home.warehouse, home.folder, home.operations)
    loaded = load(place, home.environ).insist()
    context.log.info(f"ingested {sum(each.rows for each in loaded):,} rows again")
    resolve(home)
    bring_evidence(home)
    work = changed(home.warehouse, home.as_of)
    for _ in build_changed(home.warehouse, home.as_of, work):
        pass


def _audited(store: Store) -> dg.AssetCheckResult:
    """Walk the audit chain from its start."""
    try:
        head = verify(store)
    except TamperedError as error:
        return dg.AssetCheckResult(
            check_name="audit_chain_holds", passed=False, description=str(error)
        )
    return dg.AssetCheckResult(
        check_name="audit_chain_holds", passed=True, metadata={"rows": head.seq}
    )


def _described(made: Plan) -> dict[str, Any]:
    """What the UI shows of a plan: counts, and the first changes as a table."""
    lines = ["| record | field | there | golden | why |", "|---|---|---|---|---|"]
    for change in made.changes[:25]:
        lines += [
            f"| {change.record_key} | {field.field} | {field.theirs or ''} "
            f"| {field.ours or ''} | {change.reason} |"
            for field in change.fields
        ]
    return {
        "changes": len(made.changes),
        "governed_fields": made.governed,
        "equal_fields": made.equal,
        "preview": dg.MetadataValue.md("\n".join(lines)),
    }


ASSETS = [exceptions, plan, guard, push, read_back, convergence]
