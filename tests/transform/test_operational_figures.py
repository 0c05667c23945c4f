"""Operational figures: from invented evidence to spans, shares and medians, by hand."""

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transform.evidence_models import EvidenceModels, Rows
from tests.transform.platform_mistakes import Row, at, change, exception, field, plan

HOUR, DAY = 3600, 86_400


def moved(name: str, *moves: tuple[str, float], actor: str = "concord") -> list[Row]:
    """Return what the audit chain says of a subject; each move at its hour."""
    return [
        {"at": at(hour), "actor": actor, "action": action, "subject": name}
        for action, hour in moves
    ]


def numbered(*told: list[Row]) -> list[Row]:
    """Return entries in the order of their instants, as a chain has them."""
    entries = sorted((row for rows in told for row in rows), key=lambda row: row["at"])
    return [{"seq": number, **row} for number, row in enumerate(entries, start=1)]


def order(
    name: str, currency: str, created: str, starts: str, binds: str | None
) -> Row:
    """Return an order of October; it binds from a day, or is a draft."""
    return {
        "order_id": name,
        "order_type": "order",
        "currency": currency,
        "legal_entity_code": "US",
        "created_at": created,
        "starts_on": starts,
        "status": "activated" if binds else "draft",
        "activated_on": binds,
    }


def period(name: str, ends: str, status: str, closed: str | None) -> Row:
    """Return a fiscal period of NetSuite."""
    return {
        "fiscal_period_id": name,
        "legal_entity_code": "US",
        "ends_before": ends,
        "is_adjustment": False,
        "status": status,
        "closed_at": closed,
        "source_system": "netsuite",
    }


# 00:50 and 01:30 of the day in Unix time.
TEN_TO_ONE, HALF_PAST_ONE = "1795999800.5", "1796002200.1"
EVIDENCE: Rows = {
    "operations.plans": [plan("p1", 1)],
    "operations.changes": [
        change("approved", "confirmed", first_sent_at=at(3.25), attempts=1),
        change("unanswered", "settled", first_sent_at=at(1.25), attempts=3),
        change("rejected", "rejected", attempts=2, currency="EUR"),
        change("withdrawn", "superseded"),
        change("brought", "held"),
        change("lost", "diverged", first_sent_at=at(2), attempts=1),
        *(
            change(name, "settled", action="create", external_key="k1", attempts=1)
            for name in ("made", "made again")
        ),
    ],
    "operations.change_fields": [
        field("approved", load_id=TEN_TO_ONE),
        field("brought", load_id=HALF_PAST_ONE),
    ],
    "operations.audit": numbered(
        moved("approved", ("waiting", 1), ("ready", 3), ("acknowledged", 3.5)),
        moved("approved", ("confirmed", 4)),
        moved("unanswered", ("ready", 1), ("unknown", 2), ("confirmed", 2.25)),
        moved("unanswered", ("settled", 5)),
        moved("rejected", ("ready", 1), ("rejected", 2), ("rejected", 6)),
        moved("rejected", ("retry", 5), ("comment", 3), actor="ann"),
        moved("withdrawn", ("waiting", 2), ("superseded", 4)),
        moved("brought", ("held", 1)),
        moved("lost", ("ready", 1), ("acknowledged", 2), ("diverged", 3)),
        moved("made", ("settled", 2)),
        moved("made again", ("settled", 3)),
        moved("M04:y", ("exception accepted", 4), actor="ann"),
        moved("the last word", ("planned", 12)),
    ),
    "operations.decisions": [
        {
            "decision_id": 1,
            "subject": "approved",
            "decision": "approve",
            "decided_at": at(3),
        }
    ],
    "operations.exceptions": [
        exception("B01", exception_id=1, closed_at=at(2), state="confirmed"),
        exception("B01", exception_id=2, opened_at=at(5), state="reopened", reopened=1),
        exception("M04", exception_id=3, fingerprint="M04:y", state="accepted"),
    ],
    "canonical.orders": [
        order("late", "USD", "2026-10-01 09:00:00+00", "2026-10-10", "2026-10-12"),
        order("draft", "EUR", "2026-10-20 00:00:00+00", "2026-10-20", None),
        order("backdated", "JPY", "2026-10-05 09:00:00+00", "2026-10-01", "2026-10-01"),
    ],
    "canonical.fiscal_periods": [
        period("august", "2026-09-01", "closed", "2026-09-06 12:00:00+00"),
        period("september", "2026-10-01", "open", None),
        period("unseen", "2026-08-01", "closed", None),
    ],
}
SPANS = [
    ("approval_lead_time", "approved", "ended", 2 * HOUR),
    ("approval_lead_time", "withdrawn", "withdrawn", 2 * HOUR),
    ("close_cycle", "august", "ended", 5 * DAY + 12 * HOUR),
    ("close_cycle", "september", "open", 31 * DAY),
    ("dead_letter_age", "lost", "open", 9 * HOUR),
    ("dead_letter_age", "rejected", "ended", 3 * HOUR),
    ("dead_letter_age", "rejected", "open", 6 * HOUR),
    ("exception_resolution", "1", "ended", HOUR),
    ("exception_resolution", "2", "open", 7 * HOUR),
    ("exception_resolution", "3", "withdrawn", 3 * HOUR),
    ("failed_transaction_recovery", "lost", "open", 9 * HOUR),
    ("failed_transaction_recovery", "rejected", "open", 10 * HOUR),
    ("failed_transaction_recovery", "unanswered", "ended", 900),
    ("order_to_activation", "backdated", "ended", 0),
    ("order_to_activation", "draft", "open", 12 * DAY),
    ("order_to_activation", "late", "ended", 2 * DAY),
    ("sync_latency", "approved", "ended", 3 * HOUR + 600),
    ("sync_latency", "brought", "open", 10 * HOUR + 1800),
    ("sync_latency", "lost", "open", 11 * HOUR),
    ("sync_latency", "made", "ended", HOUR),
    ("sync_latency", "made again", "ended", 2 * HOUR),
    ("sync_latency", "rejected", "open", 11 * HOUR),
    ("sync_latency", "unanswered", "ended", HOUR + 900),
    ("sync_latency", "withdrawn", "withdrawn", 3 * HOUR),
]
SHARES = {
    "duplicate_effect_rate": (1, 4),
    "hold_rate": (1, 8),
    "lost_change_rate": (1, 3),
    "manual_exception_share": (0, 1),
    "sends_per_verified_change": (9, 4),
}


def test_spans_are_what_a_person_counts(evidence: EvidenceModels) -> None:
    """Open cases last until what is known, withdrawn ones until then, none below 0."""
    with evidence.over(EVIDENCE, "operational_spans") as connection:
        found = connection.execute(
            "select metric, split_part(case_key, ':', 1), outcome, seconds"
            " from marts.operational_spans"
            " where not starts_with(metric, 'sync_latency_') order by all"
        ).fetchall()
        parts = connection.execute(
            "select metric, outcome, seconds from marts.operational_spans"
            " where starts_with(metric, 'sync_latency_') and case_key = 'approved'"
            " union all select metric, outcome, seconds from marts.operational_spans"
            " where metric = 'sync_latency_plan' and case_key = 'brought' order by all"
        ).fetchall()

    assert found == SPANS
    assert parts == [
        ("sync_latency_approve", "ended", 2 * HOUR),
        ("sync_latency_plan", "ended", 0),
        ("sync_latency_plan", "ended", 600),
        ("sync_latency_send", "ended", 900),
        ("sync_latency_verify", "ended", 2700),
    ]


def test_shares_are_of_all_that_could_be(evidence: EvidenceModels) -> None:
    """One record made twice, one held, one lost of three accepted; nine sendings."""
    with evidence.over(EVIDENCE, "operational_shares_monthly") as connection:
        found = connection.execute(
            "select metric, counted, total from marts.operational_shares_monthly"
            " where level = 'company'"
        ).fetchall()

    assert {metric: (counted, total) for metric, counted, total in found} == SHARES


def test_an_invoice_is_an_exception_once(evidence: EvidenceModels) -> None:
    """By any key of it, within thirty days, or by a credit for a mistake of ours."""
    names = ("plain", "posted", "late", "void", "doubled", "returned")
    invoices = [
        {
            "invoice_id": name,
            "billing_system": "stripe",
            "legal_entity_code": "US",
            "status": "void" if name == "void" else "open",
            "issued_on": "2026-09-01" if name == "late" else "2026-11-20",
            "currency": "JPY" if name == "posted" else "USD",
            "total_minor": -500 if name == "returned" else 1000,
            "netsuite_invoice_id": f"ns_{name}",
        }
        for name in names
    ]
    notes = [
        {
            "credit_note_id": name,
            "billing_system": "stripe",
            "invoice_id": name,
            "status": "issued",
            "reason_code": reason,
            "issued_on": "2026-11-25",
        }
        for name, reason in (("doubled", "duplicate"), ("returned", "order_change"))
    ]
    exceptions = [
        exception("B01", exception_id=1, record_key="stripe:invoice:posted"),
        exception("B05", exception_id=2, record_key="netsuite:invoice:ns_posted"),
        exception("B01", exception_id=3, record_key="stripe:invoice:late"),
        exception("B01", exception_id=4, record_key="stripe:invoice:void"),
    ]
    rows: Rows = {
        "canonical.invoices": invoices,
        "canonical.credit_notes": notes,
        "operations.exceptions": exceptions,
    }

    with evidence.over(rows, "invoice_exceptions") as connection:
        found = connection.execute(
            "select invoice_id, is_exception, is_preventable, total_usd_minor"
            " from marts.invoice_exceptions order by 1"
        ).fetchall()
        ((yen,),) = connection.execute(
            "select usd_micros_per_minor from staging.currencies where currency = 'JPY'"
        ).fetchall()

    assert found == [
        ("doubled", True, False, 1000),
        ("late", False, False, 1000),
        ("plain", False, False, 1000),
        ("posted", True, True, round(Fraction(1000 * yen, 1_000_000))),
        ("returned", False, False, 500),
    ]


@given(
    cases=st.lists(
        st.tuples(
            st.integers(0, 12), st.sampled_from(["ended", "ended", "open", "withdrawn"])
        ),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=15, deadline=None)
def test_medians_are_those_of_kaplan_and_meier(
    evidence: EvidenceModels, cases: list[tuple[int, str]]
) -> None:
    """SQL multiplies by logarithms; fractions, which lose nothing, say the same."""
    with closing(duckdb.connect()) as connection:
        connection.execute(
            "attach ':memory:' as warehouse; create schema warehouse.marts"
        )
        connection.execute(
            "create table warehouse.marts.operational_metrics as select 'm' as metric,"
            " 1 as version, date '1970-01-01' as effective_on,"
            " date '9999-12-31' as effective_before, 5 as within_seconds"
        )
        connection.execute(
            "create table warehouse.marts.operational_spans (metric text, month date,"
            " legal_entity_code varchar, currency varchar, object_name varchar,"
            " seconds bigint, outcome varchar)"
        )
        connection.executemany(
            "insert into warehouse.marts.operational_spans values"
            " ('m', '2026-11-01', null, null, null, ?, ?)",
            cases,
        )
        found = connection.execute(
            "select median_seconds, p95_seconds from"
            f" ({evidence.sql('operational_durations_monthly')})"
        ).fetchall()

    assert found == [(reached(cases, Fraction(1, 2)), reached(cases, Fraction(1, 20)))]


def reached(cases: Sequence[tuple[int, str]], left: Fraction) -> int | None:
    """Return the first instant by which at most this part has not ended."""
    surviving = Fraction(1)
    for instant in sorted({seconds for seconds, _ in cases}):
        at_risk = sum(seconds >= instant for seconds, _ in cases)
        ended = sum(case == (instant, "ended") for case in cases)
        surviving *= Fraction(at_risk - ended, at_risk)
        if ended and surviving <= left:
            return instant
    return None
