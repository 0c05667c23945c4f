"""A publication of a small invented company: two years of months, known to the unit."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

MONTHS = tuple(date(2024 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(24))

HOSTILE = "![pixel](http://elsewhere.example/p.png) *Smith* & Sons $1 $2 :red[x]"

SCHEMA = """
create schema marts; create schema reconciliation; create schema canonical;
create schema operations;
create table marts.arr_monthly (
    month date, opening_usd_minor bigint, new_usd_minor bigint,
    expansion_usd_minor bigint, reactivation_usd_minor bigint,
    resume_usd_minor bigint, contraction_usd_minor bigint, pause_usd_minor bigint,
    churn_usd_minor bigint, closing_usd_minor bigint, customers_count bigint
);
create table marts.arr_movements (
    customer_id varchar, currency varchar, month date, opening_usd_minor bigint,
    new_usd_minor bigint, expansion_usd_minor bigint, reactivation_usd_minor bigint,
    resume_usd_minor bigint, contraction_usd_minor bigint, pause_usd_minor bigint,
    churn_usd_minor bigint, closing_usd_minor bigint
);
create table marts.retention_monthly (
    month date, nrr_basis_points bigint, grr_basis_points bigint
);
create table marts.quote_to_cash_monthly (
    month date, currency varchar, bookings_usd_minor bigint,
    billings_usd_minor bigint, revenue_usd_minor bigint, cash_usd_minor bigint
);
create table canonical.customers (customer_id varchar, legal_name varchar);
create table reconciliation.check_results (
    check_id varchar, model varchar, title varchar, area varchar, severity varchar,
    owner varchar, tolerance varchar, disorder varchar, compared bigint,
    breaks bigint, explained bigint, difference_usd_minor bigint
);
create table reconciliation.breaks (
    check_id varchar, break_key varchar, record_key varchar, customer_id varchar,
    subject varchar, currency varchar, period date, left_system varchar,
    left_value varchar, right_system varchar, right_value varchar,
    difference_minor bigint, tolerance_minor bigint, explained_by varchar,
    target_system varchar, target_object varchar, target_record_id varchar,
    target_field varchar, proposed_value varchar, push_class varchar
);
create table operations.changes (
    system varchar, object varchar, state varchar, changes bigint
);
create table operations.freshness (
    system varchar, stream varchar, rows bigint, loaded_at timestamptz
);
"""

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
    loaded = loaded_at or datetime.now(UTC)
    with duckdb.connect(str(file)) as connection:
        connection.execute(SCHEMA)
        _write_marts(connection, first_arr)
        _write_reconciliation(connection, with_breaks=with_breaks)
        _write_operations(connection, loaded)
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


def _write_marts(connection: duckdb.DuckDBPyConnection, first_arr: int) -> None:
    """Twenty-four months whose movements add up, and what moved the last one."""
    closing = first_arr
    for n, month in enumerate(MONTHS):
        opening = closing
        new, expansion = 21_400_050 + n * 313_700, 9_120_000 + (n % 5) * 1_800_000
        back, less = (n % 4) * 410_000, -(2_300_000 + (n % 3) * 700_000)
        churn = -(5_100_000 + (n % 7) * 1_250_000)
        paused, resumed = -(n % 2) * 90_000, (n % 3) * 60_000
        closing = opening + new + expansion + back + less + churn + paused + resumed
        connection.execute(
            f"insert into marts.arr_monthly values ({'?, ' * 10}?)",
            [
                month,
                opening,
                new,
                expansion,
                back,
                resumed,
                less,
                paused,
                churn,
                closing,
                310 + n * 3,
            ],
        )
        known = n >= 12
        connection.execute(
            "insert into marts.retention_monthly values (?, ?, ?)",
            [
                month,
                10_310 + (n % 6) * 41 if known else None,
                9_360 - (n % 4) * 17 if known else None,
            ],
        )
        for currency, share in (("USD", 80), ("EUR", 20)):
            connection.execute(
                "insert into marts.quote_to_cash_monthly values (?, ?, ?, ?, ?, ?)",
                [
                    month,
                    currency,
                    (52_000_000 + (n * 37 % 11) * 6_100_000) * share // 100,
                    (98_000_000 + n * 1_900_000 + (n % 6) * 4_000_000) * share // 100,
                    (101_000_000 + n * 1_650_000) * share // 100,
                    (95_000_000 + n * 1_700_000 + (n % 4) * 3_100_000) * share // 100,
                ],
            )
    moved = (
        ("C-1", HOSTILE, "USD", 0, 2_362_800, 0, 0, 0, 0, 0, 0),
        ("C-2", "Ridge Capital GmbH", "EUR", 5_000_000, 0, 1_000_000, 0, 0, 0, 0, 0),
        ("C-2", "Ridge Capital GmbH", "USD", 0, 0, 264_550, 0, 0, 0, 0, 0),
        ("C-3", "Harbor Energy KK", "JPY", 3_100_000, 0, 0, 0, 0, -612_300, 0, 0),
        ("C-4", "Lakeshore Foods Inc.", "USD", 4_480_000, *[0] * 6, -4_480_000),
        ("C-5", "Northwind Robotics Ltd", "GBP", 0, 0, 0, 880_000, 0, 0, 0, 0),
        ("C-6", "Quiet Company", "USD", 700_000, *[0] * 7),
        ("C-7", "Resting Company", "USD", 500_000, 0, 0, 0, 0, 0, -500_000, 0),
    )
    for customer, name in {(row[0], row[1]) for row in moved}:
        connection.execute(
            "insert into canonical.customers values (?, ?)", [customer, name]
        )
    for customer, _, currency, *amounts in moved:
        connection.execute(
            f"insert into marts.arr_movements values ({'?, ' * 11}?)",
            [customer, currency, MONTHS[-1], *amounts, sum(amounts)],
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
            f"insert into reconciliation.check_results values ({'?, ' * 11}?)",
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
