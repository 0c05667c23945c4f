"""Every stream of every registered system as an asset in the group `raw_<system>`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import dagster as dg
from pydantic import Field

from ingestion.load import EVERYTHING, Loaded, Outcome, Report, Wanted
from ingestion.systems import SYSTEMS, System
from operations.quarantine import Totals, held
from operations.store import Store
from orchestration.alerts import STALE_AFTER
from orchestration.arrived import latest
from orchestration.defs.resources import POOL, Workplace
from orchestration.home import Home
from orchestration.loads import load_new, load_told

KIND_NAMES = {
    "crm": "customer relations and quotes",
    "billing": "billing and payments",
    "support": "support",
    "erp": "the ledger",
    "customer_success": "customer success",
}

FRESHNESS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=2), fail_window=STALE_AFTER
)
NOTHING_HELD = "nothing_in_quarantine"
ADDS_UP = "control_totals_add_up"


class Bring(dg.Config):
    """What a run brings of a system."""

    is_told: bool = Field(
        default=False,
        description="Just the records that the system told us of, where they can be "
        "read by themselves; otherwise all that is new.",
    )


def _kind(system: System) -> str:
    return KIND_NAMES.get(system.kind, system.kind.replace("_", " "))


def asset_key(system: System, stream: str) -> dg.AssetKey:
    """Return the asset of a raw table."""
    return dg.AssetKey([system.schema, stream])


def _assets(system: System) -> dg.AssetsDefinition:
    """Return one step that loads a system and reports on each of its streams."""
    specs = [
        dg.AssetSpec(
            asset_key(system, stream.name),
            group_name=system.schema,
            owners=["team:data-platform"],
            kinds={"dlt", "duckdb", system.name},
            description=f"{stream.name} as {system.name} ({_kind(system)}) "
            "sent them: typed columns beside the whole record, deletes kept as "
            "tombstones.",
            freshness_policy=FRESHNESS,
        )
        for stream in system.streams
    ]

    first = specs[0].key

    @dg.multi_asset(
        specs=specs,
        check_specs=_check_specs(system),
        name=system.schema,
        pool=POOL,
        can_subset=True,
    )
    def load_system(
        context: dg.AssetExecutionContext, config: Bring, workplace: Workplace
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        home = workplace.home()
        chosen = frozenset(key.path[-1] for key in context.selected_asset_keys)
        outcome = _outcome(home, system, chosen, config, context.log.info)
        loaded = {each.stream: each for each in outcome.loaded}
        is_connected = system.is_connected(home.environ)
        context.log.info(_told(outcome.loaded) if is_connected else "not connected")
        for name in sorted(chosen):
            # What a fault left out is no result; what it did not touch is one.
            if name in loaded or not outcome.faults:
                yield dg.MaterializeResult(
                    asset_key=asset_key(system, name),
                    metadata=described(loaded.get(name), is_connected=is_connected),
                )
        for name in sorted(loaded.keys() - chosen):
            context.log_event(observed(system, loaded[name]))
        for check in _checked(home, system, loaded):
            key = dg.AssetCheckKey(first, check.check_name or "")
            if key in context.selected_asset_check_keys:
                yield check
        outcome.insist()

    return load_system


def _outcome(
    home: Home, system: System, chosen: frozenset[str], config: Bring, report: Report
) -> Outcome:
    """Load what a run asks of a system: of some streams, where it names only those."""
    if not chosen:  # somebody runs the checks alone
        return Outcome((), ())
    if config.is_told:
        return load_told(home, system, report)
    is_whole = len(chosen) == len(system.streams)
    wanted = EVERYTHING if is_whole else Wanted(streams=chosen)
    return load_new(home, system, wanted, report)


def _told(loaded: Sequence[Loaded]) -> str:
    """Say in half a sentence what came of a load."""
    rows = sum(each.rows for each in loaded)
    changed = sum(each.changed + each.deleted for each in loaded)
    return f"{rows:,} rows in {len(loaded)} tables, {changed:,} of them changed"


def described(
    loaded: Loaded | None, *, is_connected: bool = True
) -> dict[str, int | str | bool]:
    """Return what the UI shows of a stream; of None nothing was read."""
    told: dict[str, int | str | bool] = {
        "read": loaded.read if loaded else 0,
        "duplicates": loaded.duplicates if loaded else 0,
        "quarantined": loaded.quarantined if loaded else 0,
        "changed": loaded.changed if loaded else 0,
        "deleted": loaded.deleted if loaded else 0,
        "load_id": (loaded and loaded.load_id) or "",
        "connected": is_connected,
    }
    # How many rows a table has that was left alone, this run does not know.
    if loaded or not is_connected:
        told["dagster/row_count"] = loaded.rows if loaded else 0
    return told


def observed(system: System, loaded: Loaded) -> dg.AssetObservation:
    """Return what the UI shows where a run loaded a part of a stream by the way."""
    return dg.AssetObservation(
        asset_key(system, loaded.stream), metadata=described(loaded)
    )


def _check_specs(system: System) -> list[dg.AssetCheckSpec]:
    """Return a system's checks; they stand at its first stream."""
    first = asset_key(system, system.streams[0].name)
    return [
        dg.AssetCheckSpec(
            NOTHING_HELD,
            asset=first,
            description=f"Every record of {system.name} that came fits its raw table.",
        ),
        dg.AssetCheckSpec(
            ADDS_UP,
            asset=first,
            description="Of each stream, what was read was loaded, came twice or is in "
            "quarantine, and the store says so too.",
        ),
    ]


def _checked(
    home: Home, system: System, loaded: Mapping[str, Loaded]
) -> Iterator[dg.AssetCheckResult]:
    """Look at the store as this load left it."""
    first = asset_key(system, system.streams[0].name)
    with Store(home.operations) as store:
        letters = [each.letter for each in held(store, system.name)]
        totals = {
            each.totals.stream: each.totals for each in latest(store, system.name)
        }
    streams = sorted({letter.stream for letter in letters})
    yield dg.AssetCheckResult(
        asset_key=first,
        check_name=NOTHING_HELD,
        passed=not letters,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(letters)} records are held ({', '.join(streams)}): "
        f"`concord quarantine {system.name}` says why and what to do."
        if letters
        else None,
        metadata={"held": len(letters)},
    )
    wrong = sorted(
        name for name, each in loaded.items() if not _adds_up(each, totals.get(name))
    )
    yield dg.AssetCheckResult(
        asset_key=first,
        check_name=ADDS_UP,
        passed=not wrong,
        description=f"They do not for {', '.join(wrong)}: load it again with "
        f"`concord backfill {system.name} {' '.join(wrong)}`."
        if wrong
        else None,
        metadata={
            "streams": len(loaded),
            "read": sum(each.read for each in loaded.values()),
        },
    )


def _adds_up(loaded: Loaded, told: Totals | None) -> bool:
    """Tell whether the store accounts for just what this load says of itself."""
    if told is None:
        return False
    names = ("read", "duplicates", "quarantined", "changed", "deleted", "load_id")
    accounted = told.loaded + told.duplicates + told.quarantined
    return told.read == accounted and all(
        getattr(told, name) == getattr(loaded, name) for name in names
    )


ASSETS = [_assets(system) for system in SYSTEMS]
