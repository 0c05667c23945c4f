"""Revenue, in a few rows: what each check of the subledger must find, and must not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import md5
from typing import Any

from tests.transform.invented import Invented, Mistake, Row

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
MONTHS = [
    {"month": month, "closes_before": following, "is_posted": following < MAY}
    for month, following in (
        (JANUARY, FEBRUARY),
        (FEBRUARY, MARCH),
        (MARCH, APRIL),
        (APRIL, MAY),
    )
]
WHOSE = {"contract_id": "k1", "customer_id": "c1", "currency": "USD"}
CONTRACTS = [WHOSE | {"entity": "US", "functional_currency": "USD"}]


def entry(month: date, role: str, amount_minor: int, **more: Any) -> Row:
    """Return a line of the journal of the one obligation there is."""
    return (
        WHOSE
        | {
            "entity": "US",
            "obligation_key": "k1/o1",
            "position_key": "k1",
            "reason": "performance",
            "side": "debit" if amount_minor > 0 else "credit",
            "month": month,
            "account_role": role,
            "amount_minor": amount_minor,
        }
        | more
    )


# 300.00 for three months, billed at once.
REVENUE = [entry(month, "revenue", -10_000) for month in (JANUARY, FEBRUARY, MARCH)]
DEFERRED = [
    entry(JANUARY, "deferred", -20_000),
    entry(FEBRUARY, "deferred", 10_000),
    entry(MARCH, "deferred", 10_000),
]
LINE = {
    "order_line_id": "o1",
    "obligation_id": "o1",
    "change_number": 0,
    "contract_id": "k1",
    "revenue_type": "recurring",
    "starts_on": JANUARY,
    "ends_before": APRIL,
    "tcv_minor": 30_000,
}
VERSION = {
    "contract_id": "k1",
    "accounting_contract_id": "k1",
    "version_no": 1,
    "effective_on": JANUARY,
    "obligation_key": "k1/o1",
    "obligation_id": "o1",
    "method": "daily",
    "from_on": JANUARY,
    "ends_before": APRIL,
    "base_minor": 0,
    "pool_minor": 30_000,
    "allocated_minor": 30_000,
}
OBLIGATION = WHOSE | {
    "obligation_key": "k1/o1",
    "accounting_contract_id": "k1",
    "obligation_id": "o1",
    "added_on": JANUARY,
    "product_id": "p1",
    "is_usage": False,
    "ends_before": APRIL,
    "price_minor": 30_000,
}
# A second obligation, of which a hundredth of the price is credited in February.
CREDIT = {
    "event_id": "e1",
    "contract_id": "k1",
    "month": FEBRUARY,
    "reduction": "prospective",
    "is_usage": False,
    "amount_minor": 300,
}
EVENT = {"event_id": "m1", "effective_on": FEBRUARY, "month": FEBRUARY}
CLOSED = {
    "journal_line_id": "j1",
    "direction": 1,
    "entity": "US",
    "currency": "USD",
    "month": JANUARY,
    "side": "debit",
    "amount_minor": 10_000,
}
SECOND = OBLIGATION | {"obligation_key": "k1/o2", "product_id": "p2"}
LISTED = {
    "is_standard": True,
    "currency": "USD",
    "list_minor": 100,
    "is_active": True,
    "valid_from": datetime(2025, 6, 1, tzinfo=UTC),
}
JOURNAL = {
    "netsuite_journal_id": "7",
    "number": "JE7",
    "netsuite_period_id": "61",
    "currency": "USD",
    "total_amount": Decimal("12.50"),
    "status": "Journal : Approved for Posting",
    "modified_at": datetime(2026, 1, 31, 22, tzinfo=UTC),
    "is_deleted": False,
}
PERIOD = {
    "source_system": "netsuite",
    "source_id": "61",
    "name": "Jan 2026",
    "starts_on": JANUARY,
    "ends_before": FEBRUARY,
    "status": "closed",
    "closed_at": datetime(2026, 2, 10, tzinfo=UTC),
}
DECIDED = WHOSE | {
    "order_id": "w1",
    "modified_on": FEBRUARY,
    "recorded_at": datetime(2026, 10, 20, tzinfo=UTC),
    "tcv_minor": 500,
    "treatment": "prospective",
    "decided_by": "finance",
    "decided_at": datetime(2026, 2, 2, tzinfo=UTC),
}
KEY = "salesforce:contract:k1"

REVENUE_CHECKS = {
    "R01": Invented(
        "rec_orders__revenue__allocation",
        {
            "revenue_order_lines": [LINE],
            "revenue_event_parts": [CREDIT],
            "revenue_obligation_versions": [
                VERSION,
                VERSION | {"version_no": 2, "allocated_minor": 29_700},
            ],
            "revenue_contracts": CONTRACTS,
        },
        [
            Mistake(
                "a cent that no obligation has",
                "revenue_obligation_versions",
                {"record_key": KEY, "difference_minor": 1},
                {"allocated_minor": 29_699},
                place=1,
            ),
            Mistake(
                "an ordered line that is no obligation",
                "revenue_order_lines",
                {"left_value": "302.00", "right_value": "297.00"},
                LINE | {"obligation_id": "o2", "tcv_minor": 500},
                place=1,
            ),
        ],
        {
            "usage, which has no price": (
                "revenue_order_lines",
                1,
                LINE | {"obligation_id": "o2", "revenue_type": "usage"},
            )
        },
    ),
    "R03": Invented(
        "rec_revenue__revenue__recognized",
        {
            "revenue_journal": REVENUE,
            "revenue_order_lines": [LINE],
            "revenue_obligation_versions": [VERSION],
        },
        [
            Mistake(
                "more than the price",
                "revenue_journal",
                {"record_key": KEY, "difference_minor": 1},
                {"amount_minor": -10_001},
            ),
            Mistake(
                "revenue before the term",
                "revenue_order_lines",
                {"period": MARCH, "difference_minor": None},
                {"starts_on": FEBRUARY},
            ),
            Mistake(
                "revenue after the term",
                "revenue_obligation_versions",
                {"period": MARCH},
                {"ends_before": MARCH},
            ),
        ],
        {
            "revenue that was given back": (
                "revenue_journal",
                3,
                entry(APRIL, "contra_refund", 5_000, reason="refund"),
            )
        },
    ),
    "R04": Invented(
        "rec_revenue__revenue__openings",
        {
            "revenue_journal": DEFERRED,
            "revenue_balances_monthly": [
                WHOSE
                | {
                    "account_role": "deferred",
                    "month": month,
                    "opening_minor": opening,
                    "closing_minor": closing,
                }
                for month, opening, closing in (
                    (JANUARY, 0, -20_000),
                    (FEBRUARY, -20_000, -10_000),
                    (MARCH, -10_000, 0),
                )
            ],
        },
        [
            Mistake(
                "an opening that nothing closed with",
                "revenue_balances_monthly",
                {"record_key": KEY, "period": MARCH, "difference_minor": -1},
                {"opening_minor": -9_999},
                place=2,
            ),
            Mistake(
                "something before the first entry",
                "revenue_balances_monthly",
                {"period": JANUARY, "difference_minor": -5},
                {"opening_minor": 5},
            ),
        ],
    ),
    "R09": Invented(
        "rec_gl__revenue__closed_periods",
        {
            "stg_netsuite__journal_entries": [JOURNAL],
            "fiscal_periods": [PERIOD],
            "revenue_closed_lines": [CLOSED],
            "revenue_journal_batches": [
                {
                    "entity": "US",
                    "currency": "USD",
                    "month": JANUARY,
                    "lines_hash": md5(b"j1", usedforsecurity=False).hexdigest(),
                }
            ],
            "revenue_journal": [entry(JANUARY, "deferred", 10_000)],
        },
        [
            Mistake(
                "a journal after the close",
                "stg_netsuite__journal_entries",
                {
                    "record_key": "netsuite:journalentry:7",
                    "difference_minor": 1_250,
                    "explained_by": None,
                },
                {"modified_at": datetime(2026, 2, 11, 1, tzinfo=UTC)},
            ),
            Mistake(
                "a closed month that is another now",
                "revenue_journal_batches",
                {
                    "record_key": f"concord:close:US:USD:{JANUARY}",
                    "difference_minor": 0,
                    "explained_by": "policy",
                },
                {"lines_hash": "another"},
            ),
            Mistake(
                "a closed month whose difference no open one has",
                "revenue_closed_lines",
                {"difference_minor": 1_000, "explained_by": None},
                {"journal_line_id": "j0", "amount_minor": 9_000},
            ),
        ],
        {
            "a journal of the days before the close": (
                "stg_netsuite__journal_entries",
                0,
                {"modified_at": datetime(2026, 2, 9, tzinfo=UTC)},
            )
        },
    ),
    "R10": Invented(
        "rec_revenue__revenue__ended",
        {
            "revenue_journal": DEFERRED,
            "revenue_performance_obligations": [OBLIGATION | {"ends_before": MARCH}],
            "revenue_obligation_versions": [VERSION | {"ends_before": MARCH}],
            "revenue_months": MONTHS,
        },
        [
            Mistake(
                "a rest that nobody releases",
                "revenue_journal",
                {"record_key": KEY, "difference_minor": 1},
                {"amount_minor": 9_999},
                place=2,
            )
        ],
        {
            "a rest of what still runs": (
                "revenue_obligation_versions",
                1,
                VERSION | {"version_no": 2, "ends_before": MAY},
            )
        },
    ),
    "R11": Invented(
        "rec_revenue__revenue__silent",
        {
            "revenue_obligation_versions": [VERSION],
            "revenue_contracts": CONTRACTS,
            "revenue_months": MONTHS,
            "revenue_journal": REVENUE,
        },
        [
            Mistake(
                "a month without an entry",
                "revenue_journal",
                {"record_key": KEY, "period": MARCH},
                {"month": FEBRUARY},
                place=2,
            )
        ],
        {
            "less than a cent a day": (
                "revenue_obligation_versions",
                1,
                VERSION | {"obligation_key": "k1/o2", "pool_minor": 20},
            ),
            "what begins later": (
                "revenue_obligation_versions",
                1,
                VERSION
                | {"obligation_key": "k1/o2", "from_on": APRIL, "ends_before": MAY},
            ),
        },
    ),
    "R12": Invented(
        "rec_orders__revenue__modifications",
        {
            "contract_modifications": [DECIDED],
            "orders": [{"order_id": "w1", "order_number": "00017"}],
        },
        [
            Mistake(
                "no treatment",
                "contract_modifications",
                {"record_key": "salesforce:order:w1", "left_value": "00017"},
                {"treatment": None},
            ),
            Mistake(
                "nobody who decided",
                "contract_modifications",
                {"right_value": "prospective"},
                {"decided_by": None},
            ),
            Mistake(
                "no day of the decision",
                "contract_modifications",
                {"difference_minor": 500},
                {"decided_at": None},
            ),
        ],
    ),
    "R13": Invented(
        "rec_products__prices__standalone",
        {
            "revenue_performance_obligations": [OBLIGATION, SECOND],
            "price_book_entries": [
                LISTED | {"product_id": "p1"},
                LISTED | {"product_id": "p2"},
            ],
        },
        [
            Mistake(
                "a product without a price",
                "price_book_entries",
                {
                    "record_key": "concord:product:p2",
                    "right_value": "no standalone price",
                },
                {"product_id": "p3"},
                place=1,
            ),
            Mistake(
                "a price that is over",
                "price_book_entries",
                {"right_value": "a standalone price that is over"},
                {"is_active": False},
            ),
            Mistake(
                "two prices of one day",
                "price_book_entries",
                {"right_value": "two standalone prices"},
                LISTED | {"product_id": "p1", "list_minor": 90},
                place=2,
            ),
        ],
        {
            "a price that changed later": (
                "price_book_entries",
                2,
                LISTED
                | {
                    "product_id": "p1",
                    "list_minor": 90,
                    "valid_from": datetime(2026, 3, 1, tzinfo=UTC),
                },
            ),
            "one that is sold alone": (
                "revenue_performance_obligations",
                1,
                {"accounting_contract_id": "k2", "product_id": "p9"},
            ),
        },
    ),
    "R16": Invented(
        "rec_revenue__revenue__negative_balances",
        {"revenue_journal": DEFERRED},
        [
            Mistake(
                "deferred revenue below nothing",
                "revenue_journal",
                {"record_key": KEY, "period": MARCH, "difference_minor": -1},
                {"amount_minor": 10_001},
                place=2,
            ),
            Mistake(
                "an asset below nothing",
                "revenue_journal",
                {"period": FEBRUARY, "difference_minor": -7},
                entry(FEBRUARY, "contract_asset", -7),
                place=3,
            ),
        ],
    ),
    "R17": Invented(
        "rec_contracts__revenue__held",
        {
            "revenue_holds": [
                {"contract_id": "k1", "reason": "treatment_missing", "held_minor": 500}
            ],
            "contracts": [WHOSE | {"starts_on": JANUARY}],
            "contract_modifications": [DECIDED | {"treatment": None}],
            "orders": [{"order_id": "w1"}],
        },
        [
            Mistake(
                "a change that nobody decided for two months",
                "contract_modifications",
                {"record_key": KEY, "difference_minor": 500},
                {"recorded_at": datetime(2026, 8, 20, tzinfo=UTC)},
            ),
            Mistake(
                "a contract that cannot be accounted for",
                "revenue_holds",
                {"right_value": "order_missing", "period": JANUARY},
                {"reason": "order_missing"},
            ),
        ],
    ),
    "R18": Invented(
        "rec_orders__revenue__remaining",
        {
            "revenue_remaining_monthly": [
                WHOSE | {"month": month, "remaining_minor": remaining}
                for month, remaining in (
                    (JANUARY, 20_000),
                    (FEBRUARY, 10_300),
                    (MARCH, 300),
                )
            ],
            "revenue_months": MONTHS,
            "revenue_performance_obligations": [OBLIGATION],
            "revenue_order_lines": [
                LINE,
                # 600 more are ordered in February, and 300 of all given back.
                LINE
                | {
                    "order_line_id": "o1b",
                    "change_number": 1,
                    "event_id": "m1",
                    "tcv_minor": 600,
                },
            ],
            "revenue_accepted_events": [EVENT],
            "revenue_event_parts": [CREDIT],
            "revenue_journal": REVENUE,
        },
        [
            Mistake(
                "a booking that is not left to perform",
                "revenue_remaining_monthly",
                {"record_key": KEY, "period": MARCH, "difference_minor": 10},
                {"remaining_minor": 290},
                place=2,
            ),
            Mistake(
                "revenue that is still to perform",
                "revenue_journal",
                {"period": MARCH, "difference_minor": -1},
                {"amount_minor": -10_001},
                place=2,
            ),
        ],
    ),
    "R20": Invented(
        "rec_revenue__revenue__waterfall",
        {
            "revenue_waterfall": [
                {
                    "contract_id": "k1",
                    "known_month": known,
                    "month": month,
                    "planned_minor": 10_000,
                }
                for known, month in (
                    (JANUARY, FEBRUARY),
                    (JANUARY, MARCH),
                    (FEBRUARY, MARCH),
                )
            ],
            "revenue_obligation_versions": [VERSION],
            "revenue_versions": [
                {
                    "accounting_contract_id": "k1",
                    "version_no": 1,
                    "effective_on": JANUARY,
                }
            ],
            "revenue_months": MONTHS,
            "revenue_contracts": CONTRACTS,
            "revenue_journal": REVENUE,
        },
        [
            Mistake(
                "a column that lacks a cent",
                "revenue_waterfall",
                {"record_key": KEY, "period": FEBRUARY, "difference_minor": 1},
                {"planned_minor": 9_999},
                place=2,
            )
        ],
    ),
    "X04": Invented(
        "rec_contracts__revenue__mrr",
        {
            "bridge_mrr": [
                {
                    "agreement_id": "k1",
                    "customer_id": "c1",
                    "currency": "USD",
                    "legal_entity_code": "US",
                    "month": MARCH,
                    "mrr_minor": 30_000,
                    "changes_minor": 500,
                    "unexplained_minor": 0,
                    "revenue_minor": 30_500,
                }
            ],
            "contracts": [{"contract_id": "k1", "contract_number": "0001"}],
            "bridge_known_exceptions": [
                {
                    "hand_off": "bookings_to_contract_value",
                    "grain_key": "contract:k2",
                    "known_by": "S12",
                },
                {
                    "hand_off": "contract_value_to_billings",
                    "grain_key": "contract:k1",
                    "known_by": "S01",
                },
            ],
        },
        [
            Mistake(
                "more revenue than MRR comes to",
                "bridge_mrr",
                {
                    "record_key": KEY,
                    "period": MARCH,
                    "left_value": "304.00",
                    "right_value": "305.00",
                    "difference_minor": -100,
                    "explained_by": None,
                },
                {"changes_minor": 400, "unexplained_minor": 100},
            ),
        ],
        {},
    ),
}
