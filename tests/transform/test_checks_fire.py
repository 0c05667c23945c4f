"""Each check without a planted mistake fires on one, and keeps quiet where it must.

All mistakes are made at once in a copy of the company whose systems agree, each at a
customer of its own, and built once.
"""

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.disorder.registry import DISORDERS
from tests.transform import test_intercompany, test_journal_drafts
from tests.transform.cases_of_money import MONEY
from tests.transform.cases_of_records import RECORDS
from tests.transform.conftest import Warehouse
from tests.transform.invented_checks import INVENTED
from tests.transform.mistakes import FIRES, IDENTITIES, QUIET, STRANGERS, Row
from tests.transform.platform_mistakes import MODELS

# Of the sums that are wrong: those of the revenue of orders.
OF_ORDERS = {"R02", "R05"}


@dataclass
class Broken(Warehouse):
    """The warehouse with all mistakes, and whom each of them hit."""

    hit: dict[str, Row]
    compiled: Path

    def breaks(self, check: str, record_key: str) -> list[Row]:
        """Return the unexplained breaks of a check at a record."""
        return self.records(
            "select * from reconciliation.breaks where check_id = ?"
            " and record_key = ? and explained_by is null",
            [check, record_key],
        )


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: list[Any] | None = None
) -> list[Row]:
    """Return all rows of a query, each by column name."""
    answer = connection.execute(query, values or [])
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@pytest.fixture(scope="module")
def broken(
    rich: Any,
    dbt: Any,
    resolve: Callable[[Path], None],
    tmp_path_factory: Any,
) -> Broken:
    """Make every mistake in a copy of the company that agrees, and build it."""
    warehouse: Path = tmp_path_factory.mktemp("broken") / "warehouse.duckdb"
    shutil.copy(rich.warehouse, warehouse)
    hit: dict[str, Row] = {}
    used: set[str] = set()
    with closing(duckdb.connect(str(warehouse))) as connection:
        connection.execute("set timezone = 'UTC'")
        # Whom a mistake can hit is few where it needs much: they choose first.
        cases = [*reversed((FIRES | QUIET).items())]
        for name, case in cases:
            hit[name] = next(
                row
                for row in rows(connection, case.pick)
                if row.get("customer") not in used
            )
            used |= {hit[name]["customer"]} if "customer" in hit[name] else set()
        for name, case in cases:
            connection.execute(case.changes.format(**hit[name]))
        for number, (legal_name, domain, tax_id) in enumerate(STRANGERS):
            connection.execute(
                "insert into raw_salesforce.accounts select * replace (? as id,"
                " ? as name, ? as website, ? as billing_email__c, ? as tax_id__c)"
                " from raw_salesforce.accounts limit 1",
                [f"s{number}", legal_name, domain, f"info@{domain}", tax_id],
            )
    resolve(warehouse)
    dbt.rebuild(warehouse)
    return Broken(warehouse, hit, dbt.target_path / "compiled" / "concord")


@pytest.mark.parametrize("name", FIRES)
def test_a_mistake_is_a_break_of_its_check(broken: Broken, name: str) -> None:
    """The check fires at the record that is wrong, and nothing explains it away."""
    case = FIRES[name]

    found = broken.breaks(case.check, case.record_key.format(**broken.hit[name]))

    said = [{key: row[key] for key in case.says} for row in found]
    assert said == [case.says] * case.breaks


@pytest.mark.parametrize("name", [name for name in FIRES if FIRES[name].explains])
def test_a_consequence_is_explained_by_its_cause(broken: Broken, name: str) -> None:
    """Who repairs the mistake has no second break to look into: it is known already."""
    check, record_key = FIRES[name].explains or ("", "")

    found = broken.records(
        "select explained_by from reconciliation.breaks where check_id = ?"
        " and record_key = ?",
        [check, record_key.format(**broken.hit[name])],
    )

    assert found == [{"explained_by": "known_exception"}]


@pytest.mark.parametrize("name", QUIET)
def test_what_is_no_mistake_is_no_break(broken: Broken, name: str) -> None:
    """What people do every day in the systems leaves its check green."""
    case = QUIET[name]
    record_key = case.record_key.format(**broken.hit[name])

    assert [broken.breaks(check, record_key) for check in case.check.split()] == [
        [] for _ in case.check.split()
    ]


@pytest.mark.parametrize("check", IDENTITIES)
def test_a_sum_of_our_own_that_is_wrong_is_a_break(
    broken: Broken, rich: Any, check: str
) -> None:
    """No raw record can make these fire, so their input is changed behind our models.

    The SQL of the check runs over the changed table; nothing is kept. A company without
    orders has no revenue that could be wrong, so another one's is changed.
    """
    model, change = IDENTITIES[check]
    query = (broken.compiled / f"models/reconciliation/{model}.sql").read_text()
    company = rich if check in OF_ORDERS else broken

    with company.tried() as connection:
        before = connection.execute(query).fetchall()
        connection.execute(change)
        after = connection.execute(query).fetchall()

    assert {row[0] for row in set(after) - set(before)} == {check}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("torn_rows = 1", "a load of netsuite never ended"),
        (
            "loaded_at = loaded_at - interval 2 days",
            "netsuite was not loaded with the others",
        ),
    ],
    ids=["torn", "stale"],
)
def test_what_compares_a_system_that_is_not_whole_has_not_run(
    broken: Broken, change: str, reason: str
) -> None:
    """Also what calls it the ERP or the ledger; nobody else waits for it."""
    query = (broken.compiled / "models/reconciliation/check_results.sql").read_text()

    with broken.tried() as connection:
        connection.execute(
            f"update reconciliation.loads set {change} where system = 'netsuite'"
        )
        told = {row["model"]: row for row in rows(connection, query)}

    for model in ("rec_netsuite__billing__currency", "rec_gl__gl__balance"):
        assert told[model]["status"] == "not_run"
        assert told[model]["not_run_because"] == reason
    assert told["rec_contracts__stripe__arr"]["status"] == "failed"


def test_every_check_can_be_seen_firing(broken: Broken) -> None:
    """By a case here, over changed or invented rows, or by a mistake that is planted.

    What `make evaluate` finds of the planted ones stands in build/reconciliation.json.
    """
    checks = broken.records(
        "select check_id, disorder from reconciliation.check_results"
    )

    cases = (FIRES | RECORDS | MONEY).values()
    seen = {case.check for case in cases} | set(IDENTITIES) | set(INVENTED)
    seen |= {*MODELS, *test_journal_drafts.CHECKS, *test_intercompany.CHECKS}
    plantable = {check for each in DISORDERS for check in each.checks}

    unseen = {row["check_id"] for row in checks if row["disorder"] is None}
    assert unseen <= seen | plantable
    assert seen <= {row["check_id"] for row in checks}


def test_strangers_stay_strangers(broken: Broken) -> None:
    """A shared domain, a placeholder or half a name makes nobody one customer."""
    found = broken.records(
        "select record_id, count(*) over (partition by customer_id) as records,"
        " evidence from canonical.customer_records"
        " where record_id similar to 's[0-9]+' order by record_id"
    )

    assert found == [
        {"record_id": f"s{number}", "records": 1, "evidence": "alone"}
        for number in range(len(STRANGERS))
    ]


def test_a_price_is_rounded_once_and_not_for_each_seat(broken: Broken) -> None:
    """10,000 seats at 12.5 cents a month are 15,000 dollars a year."""
    line = broken.hit["seats at less than a cent"]["line"]

    found = broken.records(
        "select sum(arr_minor) as arr from canonical.contract_segments"
        " where segment_id like ? || ':%'",
        [line],
    )

    assert found == [{"arr": 1_500_000}]


def test_a_customer_is_new_once_in_whatever_currency(broken: Broken) -> None:
    """A contract in a second currency brings recurring revenue, but no new customer."""
    found = broken.records(
        "select movement, cause from marts.arr_movement_causes"
        " where customer_id = ? and currency = 'EUR' and movement <> 'fx'",
        [broken.hit["a second currency"]["customer"]],
    )

    assert found == [{"movement": "expansion", "cause": "cross_sell"}]
