"""Operational figures are what a person counts, over twenty rows and more for each."""

from typing import Any

from tests.transform import operational_cases as cases
from tests.transform import operational_records as records
from tests.transform.evidence_models import EvidenceModels, Rows

DURATIONS = (
    "cases_count, ended_count, open_count, late_count, median_seconds, p95_seconds"
)


def durations(
    evidence: EvidenceModels, rows: Rows, names: str
) -> dict[Any, tuple[Any, ...]]:
    """Return the durations of a company and its parts, by the named columns."""
    with evidence.over(rows, "operational_durations_monthly") as connection:
        found = connection.execute(
            f"select {names}, {DURATIONS} from marts.operational_durations_monthly"
            " where level <> 'object'"
        ).fetchall()
    wide = names.count(",") + 1
    return {row[:wide] if wide > 1 else row[0]: row[wide:] for row in found}


def shares(evidence: EvidenceModels, rows: Rows) -> dict[tuple[str, str], Any]:
    """Return the shares of the company by metric and month."""
    with evidence.over(rows, "operational_shares_monthly") as connection:
        found = connection.execute(
            "select metric, cast(month as varchar), counted, total, share_basis_points"
            " from marts.operational_shares_monthly where level = 'company'"
        ).fetchall()
    return {row[:2]: row[2:] for row in found}


def test_changes_take_as_long_as_they_took(evidence: EvidenceModels) -> None:
    """Latency and its parts, recovery, approvals and dead letters of 22 changes."""
    with evidence.over(
        cases.changes(), "operational_durations_monthly", "operational_spans"
    ) as connection:
        found = connection.execute(
            f"select metric, {DURATIONS} from marts.operational_durations_monthly"
            " where level = 'company'"
        ).fetchall()
        recovery = connection.execute(
            "select case_key, outcome, seconds from marts.operational_spans"
            " where metric = 'failed_transaction_recovery'"
        ).fetchall()

    assert {metric: tuple(row) for metric, *row in found} == cases.OF_CHANGES
    assert {name: (what, seconds) for name, what, seconds in recovery} == cases.RECOVERY


def test_shares_of_changes_are_of_all_that_could_be(evidence: EvidenceModels) -> None:
    """Held, lost and doubled ones of 22, and how often they were sent."""
    found = shares(evidence, cases.changes())

    assert {metric: row[:2] for (metric, _), row in found.items()} == (
        cases.SHARES_OF_CHANGES
    )


def test_exceptions_that_are_open_count(evidence: EvidenceModels) -> None:
    """Of 21, reopened and accepted ones among them; a person touched four of 13."""
    found = durations(evidence, cases.exceptions(), "metric, level_value")
    touched = shares(evidence, cases.exceptions())

    assert found["exception_resolution", "all"] == cases.OF_EXCEPTIONS
    assert {metric: row[:2] for (metric, _), row in touched.items()} == {
        "manual_exception_share": cases.TOUCHED
    }


def test_orders_are_activated_after_their_days(evidence: EvidenceModels) -> None:
    """Of 22 orders in four currencies; a draft that waits is not left out."""
    found = durations(evidence, records.orders(), "cast(month as varchar), level_value")

    assert {key: found[key] for key in records.OF_ORDERS} == records.OF_ORDERS


def test_periods_close_after_their_days(evidence: EvidenceModels) -> None:
    """Of 20 periods; what nobody saw closing, or is none of the year's, is left out."""
    found = durations(
        evidence, records.periods(), "cast(month as varchar), level_value"
    )

    assert {key: found[key] for key in records.OF_PERIODS} == records.OF_PERIODS


def test_invoices_have_an_exception_or_not(evidence: EvidenceModels) -> None:
    """Of 22 in four currencies, one of them negative, two that count nowhere."""
    assert shares(evidence, records.invoices()) == records.OF_INVOICES


def test_the_last_run_of_a_month_tells_what_agrees(evidence: EvidenceModels) -> None:
    """Of 21 results; a check that did not run compared nothing."""
    assert {
        month: row for (_, month), row in shares(evidence, records.results()).items()
    } == records.CONSISTENT
