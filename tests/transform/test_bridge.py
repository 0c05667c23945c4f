"""The bridge from bookings to the ledger is what a second author makes of the rows."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from tests.transform import bridge_reference as reference
from tests.transform.conftest import AS_OF

COMPANIES = ("rich", "disordered")


@pytest.fixture(params=COMPANIES)
def either(request: pytest.FixtureRequest) -> Any:
    """Return a company whose systems agree, and one in which mistakes were made."""
    return request.getfixturevalue(request.param)


def test_both_sides_are_what_the_systems_say(either: Any) -> None:
    """By entity, currency and month; no side is made of the other and the reasons."""
    expected = reference.sides(either)

    found = {
        row[:5]: row[5]
        for row in either.rows(
            "select hand_off, step, legal_entity_code, currency, month, amount_minor"
            " from reconciliation.bridge_steps_monthly"
            " where step in ('left', 'right') and amount_minor <> 0"
        )
    }

    assert {key: found.get(key) for key in expected} == expected
    others = set(found) - set(expected)
    assert {key[:2] for key in others} <= {
        (reference.SOLD, "right"),
        (reference.BILLED, "left"),
    }


def test_contracts_are_worth_what_their_lines_come_to(either: Any) -> None:
    """One hand-off ends and the next begins with it, and every other one likewise."""
    expected = reference.values(either)

    rows = either.records(
        "select hand_off, step, legal_entity_code, currency, to_date_minor"
        " from reconciliation.bridge_steps_monthly where month = '2026-10-01'"
        " and step in ('left', 'right')"
    )

    found: dict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(dict)
    for row in rows:
        place = row["legal_entity_code"], row["currency"]
        found[row["hand_off"], row["step"]][place] = row["to_date_minor"]
    assert found[reference.SOLD, "right"] == expected
    assert found[reference.BILLED, "left"] == expected
    earned, posted = (
        {place: amount for place, amount in found[side].items() if amount}
        for side in ((reference.EARNED, "right"), (reference.POSTED, "left"))
    )
    assert earned == posted


def test_the_reasons_to_date_are_recomputed_to_the_minor_unit(either: Any) -> None:
    """Timing, policy and tax, from open invoices, lines to come and the journal."""
    pauses = _pauses(either)
    expected = reference.to_date(either, AS_OF)
    for cell, paused in pauses.items():
        expected[cell, "policy"] = expected.get((cell, "policy"), 0) - paused

    found = {
        (
            (row["hand_off"], row["legal_entity_code"], row["currency"]),
            row["step"],
        ): row["to_date_minor"]
        for row in either.records(
            "select * from reconciliation.bridge_steps_monthly"
            " where month = '2026-10-01' and to_date_minor <> 0"
        )
    }

    told = {
        (cell, reason): amount
        for (cell, reason), amount in found.items()
        if reason in ("timing", "policy", "tax")
        and cell[0] != reference.SOLD
        and (cell[0], reason) != (reference.POSTED, "policy")
    }
    assert told == {key: amount for key, amount in expected.items() if amount}


def _pauses(company: Any) -> dict[reference.Cell, int]:
    """Return what pauses have left out for good, month by month of the contract."""
    found: dict[reference.Cell, int] = defaultdict(int)
    for row in company.records("""
        select segments.*, raw_contracts.paused_from__c, raw_contracts.paused_until__c
        from canonical.contract_segments as segments
        inner join raw_salesforce.contracts as raw_contracts
            on raw_contracts.id = segments.contract_id
        where is_recurring and paused_from__c is not null
    """):
        begins = max(row["starts_on"], row["paused_from__c"])
        until = row["paused_until__c"] or date.max
        ends = min(row["ends_before"], until, AS_OF + timedelta(1))
        if begins < ends:
            cell = reference.BILLED, row["legal_entity_code"], row["currency"]
            found[cell] += reference.term(row["arr_minor"], begins, ends)
    return found


def test_the_clean_company_has_nothing_unexplained(rich: Any) -> None:
    """Where systems agree, every difference has a reason, and none is an exception."""
    left_over = rich.rows(
        "select * from reconciliation.bridge_items_monthly"
        " where step in ('unexplained', 'known_exception')"
    )

    assert left_over == []


def test_what_is_left_over_in_a_disordered_company_was_planted(disordered: Any) -> None:
    """Each known exception names its check; unexplained is what the ERP never got."""
    known = disordered.records(
        "select items.subject_id, items.known_by, breaks.check_id"
        " from reconciliation.bridge_items_monthly as items"
        " left join reconciliation.breaks as breaks"
        " on breaks.check_id = items.known_by"
        " where items.step = 'known_exception'"
    )
    planted = {item["record_key"] for item in disordered.planted}

    unexplained = disordered.rows(
        "select subject_type, subject_id from reconciliation.bridge_items_monthly"
        " where step = 'unexplained'"
    )

    assert known
    assert all(
        row["known_by"] in (row["check_id"], "hold: order_missing") for row in known
    )
    assert [
        subject
        for _, subject in unexplained
        if not any(subject.removesuffix("-CN-01") in key for key in planted)
    ] == []
