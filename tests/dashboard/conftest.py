"""A publication of a small invented company: two years of months, known to the unit."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest

from tests.dashboard.published_schema import SCHEMA, contracted

MONTHS = tuple(date(2024 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(24))

HOSTILE = "![pixel](http://elsewhere.example/p.png) *Smith* & Sons $1 $2 :red[x]"

# check, title, area, owner, compared, disorder, target, push class
CHECKS = (
    ("B03", "Every billed invoice is in the ERP", "quote to cash", "finance", 4210),
    ("M02", "One customer is one CRM account", "lead to opportunity", "revops", 412),
    ("M04", "Names agree with the ERP", "lead to opportunity", "revops", 1604),
    ("M07", "Every SKU has an ERP item", "lead to opportunity", "product", 12),
    ("Q08", "An amendment keeps its contract", "quote to cash", "deal desk", 655),
    ("R05", "Deferred revenue rolls forward", "executive reporting", "finance", 96),
    ("S05", "Discounts end when agreed", "subscription lifecycle", "billing", 431),
    ("T04", "Support tier is contracted", "support and entitlements", "support", 400),
    ("U02", "Usage is billed", "subscription lifecycle", "billing", 1820),
)


Publish = Callable[..., Path]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Return a function that publishes the company; the page of this test reads it."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.delenv("CONCORD_ENV", raising=False)

    def make(number: int = 1, **changed: Any) -> Path:
        return publish_company(tmp_path / "demo" / "published", number, **changed)

    return make


def publish_company(
    folder: Path,
    number: int = 1,
    *,
    first_arr: int = 1_329_412_300,
    loaded_at: datetime | None = None,
    with_breaks: bool = True,
) -> Path:
    """Write one DuckDB file with all that the page reads, point to it, return it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"revenue_{number}.duckdb"
    file.write_bytes(_written(first_arr, loaded_at, with_breaks=with_breaks))
    pointer = {
        "file": file.name,
        "as_of": "2026-10-31",
        "published_at": "2026-10-31T22:05:00+00:00",
        "run_id": f"run-{number}",
    }
    beside = folder / "current.json.new"
    beside.write_text(json.dumps(pointer), encoding="utf-8")
    beside.replace(folder / "current.json")
    return file


@cache
def _written(first_arr: int, loaded_at: datetime | None, *, with_breaks: bool) -> bytes:
    """Write the company once for all tests that want the same."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "company.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute(SCHEMA + contracted())
            _write_marts(connection, first_arr)
            _write_reconciliation(connection, with_breaks=with_breaks)
            _write_operations(connection, loaded_at or datetime.now(UTC))
        return file.read_bytes()


METRICS = {
    "arr": ("ARR", "usd_minor"),
    "opening_arr": ("Opening ARR", "usd_minor"),
    "net_new_arr": ("Net new ARR", "usd_minor"),
    "new_arr": ("New ARR", "usd_minor"),
    "expansion_arr": ("Expansion ARR", "usd_minor"),
    "reactivated_arr": ("Reactivated ARR", "usd_minor"),
    "contraction_arr": ("Contraction ARR", "usd_minor"),
    "churned_arr": ("Churned ARR", "usd_minor"),
    "nrr": ("NRR", "basis_points"),
    "grr": ("GRR", "basis_points"),
    "booked_tcv": ("TCV booked", "usd_minor"),
    "billings": ("Billings", "usd_minor"),
    "recognized_revenue": ("Recognized revenue", "usd_minor"),
    "cash_collected": ("Cash collected", "usd_minor"),
    "dso_simple": ("DSO", "hundredth_days"),
}


def _write_marts(connection: duckdb.DuckDBPyConnection, first_arr: int) -> None:
    """Twenty-four months whose movements add up, and what moved the last one."""
    closing = first_arr
    for n, month in enumerate(MONTHS):
        opening = closing
        moved = {
            "new_arr": 21_400_050 + n * 313_700,
            "expansion_arr": 9_120_000 + (n % 5) * 1_800_000,
            "reactivated_arr": (n % 4) * 410_000,
            "contraction_arr": -(2_300_000 + (n % 3) * 700_000),
            "churned_arr": -(5_100_000 + (n % 7) * 1_250_000),
        }
        closing = opening + sum(moved.values())
        values = {
            **moved,
            "arr": closing,
            "opening_arr": opening,
            "net_new_arr": closing - opening,
            "booked_tcv": 52_000_000 + (n * 37 % 11) * 6_100_000,
            "billings": 98_000_000 + n * 1_900_000 + (n % 6) * 4_000_000,
            "recognized_revenue": 101_000_000 + n * 1_650_000,
            "cash_collected": 95_000_000 + n * 1_700_000 + (n % 4) * 3_100_000,
            "dso_simple": 3_125 + n,
        }
        if n >= 12:
            values |= {"nrr": 10_310 + (n % 6) * 41, "grr": 9_360 - (n % 4) * 17}
        for metric, value in values.items():
            for level, member, part in (
                ("company", "all", 1),
                ("currency", "EUR", 5),
                ("legal_entity", "DE", 4),
                ("segment", "SMB Retail", 3),
                ("segment", "unassigned", 6),
            ):
                is_of_arr = metric.endswith("arr")
                is_kept = is_of_arr or (level == "segment" and metric in {"nrr", "grr"})
                if level in {"company", "currency"} or is_kept:
                    _insert(
                        connection,
                        "marts.metric_values",
                        metric=metric,
                        month=month,
                        level=level,
                        level_value=member,
                        value=value // part,
                        unit=METRICS[metric][1],
                        as_of=date(2026, 10, 31),
                        policy_version=1,
                    )
    for metric, (label, unit) in METRICS.items():
        connection.execute(
            "insert into published.metrics values (?, ?, 'Numbers', ?, ?)",
            [metric, label, unit, f"What {label} means."],
        )
    for customer, name, opening, steps in MOVED:
        _insert(
            connection, "canonical.customers", customer_id=customer, legal_name=name
        )
        _insert(
            connection,
            "marts.arr_rollups_monthly",
            level="customer",
            member=customer,
            month=MONTHS[-1],
            opening_usd_minor=opening,
            **steps,
            closing_usd_minor=opening + sum(steps.values()),
            customers_count=1,
        )
    for entity, status in (("US", "closed"), ("DE", "open")):
        _insert(
            connection,
            "canonical.fiscal_periods",
            fiscal_period_id=f"{entity}:1",
            legal_entity_code=entity,
            name="Oct 2026",
            starts_on=date(2026, 10, 1),
            ends_before=date(2026, 11, 1),
            is_adjustment=False,
            status=status,
        )


MOVED: tuple[tuple[str, str, int, dict[str, int]], ...] = (
    ("C-1", HOSTILE, 0, {"new_usd_minor": 2_362_800}),
    ("C-2", "Ridge Capital GmbH", 5_000_000, {"expansion_usd_minor": 1_264_550}),
    ("C-3", "Harbor Energy KK", 3_100_000, {"contraction_usd_minor": -612_300}),
    ("C-4", "Lakeshore Foods Inc.", 4_480_000, {"churn_usd_minor": -4_480_000}),
    ("C-5", "Northwind Robotics Ltd", 0, {"reactivation_usd_minor": 880_000}),
    ("C-6", "Quiet Company", 700_000, {}),
)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    """Insert one row; columns that are not named have no value."""
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"insert into {table} ({', '.join(values)}) values ({marks})",
        list(values.values()),
    )


def _write_reconciliation(
    connection: duckdb.DuckDBPyConnection, *, with_breaks: bool
) -> None:
    """Checks with open, explained and no breaks."""
    found = (
        ("B03", "salesforce", "USD", 1_200_050, "netsuite", "invoice", None, None, "A"),
        ("B03", "stripe", "JPY", 480_000, "netsuite", "invoice", None, None, "A"),
        ("M02", "salesforce", None, None, None, None, None, None, "T"),
        (
            "M04",
            "salesforce",
            None,
            None,
            "salesforce",
            "Account",
            "Name",
            "Ridge Capital GmbH",
            "P",
        ),
        (
            "S05",
            "stripe",
            "EUR",
            310_000,
            "stripe",
            "subscription",
            "discounts",
            "",
            "A",
        ),
    )
    breaks = found if with_breaks else ()
    for n, (
        check,
        left,
        currency,
        minor,
        system,
        kind,
        field,
        value,
        push,
    ) in enumerate(breaks):
        connection.execute(
            f"insert into reconciliation.breaks values ({'?, ' * 19}?)",
            [
                check,
                f"{check}:{n}",
                f"{left}:record:{n}",
                "C-2",
                f"Ridge Capital GmbH, record {n} of {left}",
                currency,
                None,
                left,
                "left",
                "netsuite",
                "right",
                minor,
                0,
                None,
                system,
                kind,
                "id",
                field,
                value,
                push,
            ],
        )
    connection.execute(
        f"insert into reconciliation.breaks values ({'?, ' * 19}?)",
        [
            "R05",
            "R05:1",
            "netsuite:invoice:9",
            "C-1",
            "Paid on the last day",
            "USD",
            None,
            "stripe",
            "1",
            "netsuite",
            "0",
            99,
            0,
            "timing",
            None,
            None,
            None,
            None,
            None,
            "T",
        ],
    )
    for check, title, area, owner, compared in CHECKS:
        opened = sum(row[0] == check for row in breaks)
        explained = int(check == "R05")
        connection.execute(
            f"insert into reconciliation.check_results values ({'?, ' * 12}null)",
            [
                check,
                f"rec_{check}",
                title,
                area,
                "S2",
                owner,
                "0",
                None,
                compared,
                opened + explained,
                explained,
                sum(row[3] or 0 for row in breaks if row[0] == check),
            ],
        )


def _write_operations(connection: duckdb.DuckDBPyConnection, loaded: datetime) -> None:
    """Loads of four systems, and changes in every kind of state."""
    for system in ("netsuite", "salesforce", "stripe", "zendesk"):
        for stream, minutes in (("customers", 9), ("invoices", 4)):
            connection.execute(
                "insert into operations.freshness values (?, ?, ?, ?)",
                [system, stream, 1_000, loaded - timedelta(minutes=minutes)],
            )
    for system, kind, state, number in (
        ("salesforce", "account", "settled", 14),
        ("salesforce", "account", "ready", 2),
        ("salesforce", "account", "superseded", 3),
        ("salesforce", "account", "conflict", 1),
        ("stripe", "subscription", "waiting", 4),
        ("netsuite", "invoice", "waiting", 7),
        ("zendesk", "organization", "confirmed", 6),
    ):
        connection.execute(
            "insert into operations.changes values (?, ?, ?, ?)",
            [system, kind, state, number],
        )
