"""Each check finds exactly what is wrong, and nothing where all is right."""

from collections import defaultdict
from typing import Any

import pytest

KINDS = (
    "duplicate_customer",
    "sku_mismatch",
    "second_contract",
    "late_usage",
    "payment_failure_not_in_crm",
    "missing_erp_invoice",
    "endless_discount",
    "ungranted_support_tier",
    "stale_master_data",
)


def test_a_company_whose_systems_agree_has_no_breaks(rich: Any) -> None:
    """Not even explained ones."""
    assert rich.rows("select check_id, subject from reconciliation.breaks") == []


def test_every_check_looked_at_something(rich: Any) -> None:
    """A check that compares nothing proves nothing, and here is something for each.

    But for those of the way back, which nobody went here, of months that nobody closed
    and of entities that sell nothing to each other: they say so.
    """
    idle = rich.rows(
        "select check_id, not_run_because from reconciliation.check_results"
        " where status = 'not_run' order by check_id"
    )

    empty = {
        "int_intercompany__pairs": ["E01", "E02"],
        "stg_operations__plans": ["P05", "P06", "P07", "P10"],
        "stg_operations__check_results": ["P09"],
        "revenue_ledger_movements": ["R06", "R07", "R08"],
        "revenue_journal_drafts": ["R21"],
    }
    assert dict(idle) == {
        check: f"nothing to compare: {model} is empty"
        for model, checks in empty.items()
        for check in checks
    }


def test_an_empty_table_passes_no_check(rich: Any) -> None:
    """Where there is nothing to compare a check has not run, and says so."""
    statuses = rich.rows(
        "select compared = 0, status, not_run_because is not null"
        " from reconciliation.check_results group by 1, 2, 3 order by 1"
    )

    assert statuses == [(False, "passed", False), (True, "not_run", True)]


@pytest.mark.parametrize("kind", KINDS)
def test_unexplained_breaks_are_the_planted_mistakes(
    disordered: Any, kind: str
) -> None:
    """Every planted mistake is found under its own kind, and no break is invented."""
    planted = {
        each["record_key"] for each in disordered.planted if each["kind"] == kind
    }

    found = {
        record_key
        for (record_key,) in disordered.rows(
            "select breaks.record_key from reconciliation.breaks as breaks"
            " inner join reconciliation.check_results using (check_id)"
            f" where disorder = '{kind}' and explained_by is null"
        )
    }

    assert planted
    assert found == planted


def test_checks_for_no_planted_mistake_have_only_explained_breaks(
    disordered: Any,
) -> None:
    """A mistake's consequences are explained by the mistake, not found twice."""
    others = disordered.rows(
        "select breaks.check_id, breaks.subject from reconciliation.breaks as breaks"
        " inner join reconciliation.check_results using (check_id)"
        " where disorder is null and explained_by is null"
    )

    assert others == []


def test_an_endless_discount_explains_the_difference_in_arr(disordered: Any) -> None:
    """S04 differs by what the discount takes off in a year, and says so."""
    discounts = disordered.rows(
        "select customer_id, difference_minor from reconciliation.breaks"
        " where check_id = 'S05' order by 1"
    )

    differences = disordered.rows(
        "select customer_id, difference_minor from reconciliation.breaks"
        " where check_id = 'S04' and explained_by = 'known_exception' order by 1"
    )

    assert differences == discounts


def test_a_missing_invoice_explains_status_and_total(disordered: Any) -> None:
    """B05 and X02 name the missing invoice's consequences as known exceptions."""
    missing = disordered.rows(
        "select record_key from reconciliation.breaks where check_id = 'B01' order by 1"
    )

    statuses = disordered.rows(
        "select record_key from reconciliation.breaks where check_id = 'B05'"
        " and explained_by = 'known_exception' order by 1"
    )

    assert statuses == missing
    assert disordered.rows(
        "select count(*) > 0 from reconciliation.breaks where check_id = 'X02'"
    ) == [(True,)]


def test_proposals_are_what_was_right_before(disordered: Any) -> None:
    """What a check proposes is the value that the mistake replaced."""
    right = {
        (each["record_key"], each["field"]): each["expected"]
        for each in disordered.planted
    }
    proposed: dict[str, set[tuple[str, str, str]]] = defaultdict(set)

    for check, key, name, value in disordered.rows(
        "select check_id, record_key, target_field, proposed_value"
        " from reconciliation.breaks where proposed_value <> '' and push_class = 'P'"
    ):
        if (key, name) in right and right[key, name] is not None:
            assert value == right[key, name]
            proposed[check].add((key, name, value))

    assert {"M02", "M04", "C03", "T01"} <= set(proposed)
