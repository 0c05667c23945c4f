"""Cases of documents and cash: what billing, the gateway and the books do not share."""

from datetime import date
from decimal import Decimal

from tests.transform.cases_of_records import IN_ERP, LIVE
from tests.transform.tiny import Case, Row, Tables, nothing_like, with_

NOTE: Row = {
    "billing_system": "stripe",
    "credit_note_id": "cn_1",
    "customer_id": "acme",
    "invoice_id": "in_1",
    "number": "A-1-CN",
    "status": "issued",
    "issued_on": date(2026, 9, 3),
    "currency": "EUR",
    "total_minor": 5_000,
    "refunded_minor": 5_000,
}
MEMO: Row = {
    "erp_system": "netsuite",
    "erp_credit_memo_id": "m1",
    "erp_customer_id": "n1",
    "number": "A-1-CN",
    "stripe_credit_note_id": "cn_1",
    "currency": "EUR",
    "total_minor": 5_000,
    "open_minor": 0,
}
REFUND: Row = {
    "billing_system": "stripe",
    "refund_id": "re_1",
    "customer_id": "acme",
    "invoice_id": "in_1",
    "credit_note_id": "cn_1",
    "status": "succeeded",
    "refunded_on": date(2026, 9, 3),
    "currency": "EUR",
    "amount_minor": 5_000,
}
INVOICE: Row = {
    "billing_system": "chargebee",
    "invoice_id": "CB-1",
    "customer_id": "acme",
    "number": "CB-1",
    "status": "paid",
    "issued_on": date(2026, 9, 1),
    "currency": "EUR",
    "total_minor": 11_900,
    "open_minor": 0,
}
POSTED: Row = {
    "business_central_invoice_id": "bc1",
    "external_document_number": "CB-1",
    "number": "PS-1",
    "status": "Paid",
    "total_amount": Decimal(119),
    "remaining_amount": Decimal(0),
    **LIVE,
}
DEPOSIT: Row = {
    "netsuite_deposit_id": "d1",
    "stripe_payout_id": "po_1",
    "currency": "EUR",
    "total_amount": Decimal(99),
    **LIVE,
}
PAYMENT: Row = {
    "billing_system": "chargebee",
    "payment_id": "txn_1",
    "customer_id": "acme",
    "currency": "EUR",
    "paid_on": date(2026, 9, 20),
    "invoice_id": "CB-1",
}
ALLOCATION: Row = {
    "source_type": "payment",
    "billing_system": "chargebee",
    "payment_id": "txn_1",
    "invoice_id": "CB-1",
    "allocated_minor": 11_900,
}
ENTRY: Row = {"document_type": "Payment", "document_number": "PS-1", **LIVE}
CENTRAL: Tables = {
    "invoices": [INVOICE],
    "customer_records": [
        {
            "system": "business_central",
            "record_id": "c1",
            "customer_id": "acme",
            "is_primary": True,
        }
    ],
    "stg_business_central__sales_invoices": [POSTED],
    "stg_business_central__general_ledger_entries": [ENTRY],
    "int_erp__expected_invoices": nothing_like(
        INVOICE
        | {
            "erp_system": "netsuite",
            "is_customer_known": True,
            "erp_invoice_id": "i1",
            "erp_status": "paid",
            "erp_total_minor": 1,
        }
    ),
    "int_erp__payments": nothing_like(
        {
            "erp_system": "netsuite",
            "stripe_payment_id": "pi_1",
            "stripe_invoice_id": "in_1",
            "applied_minor": 1,
        }
    ),
    "payments": [PAYMENT],
    "payment_allocations": [ALLOCATION],
    "stg_netsuite__payments": nothing_like(
        {
            "netsuite_payment_id": "p1",
            "stripe_payment_id": "pi_1",
            "number": "PAY-1",
            "currency": "EUR",
            "total_amount": Decimal(1),
            "paid_on": date(2026, 9, 1),
            **LIVE,
        }
    ),
    "stg_netsuite__payment_applications": nothing_like(
        {"netsuite_payment_id": "p1", "applied_amount": Decimal(1), **LIVE}
    ),
}
MONEY = {
    "a credit note that the books do not have": Case(
        "B08",
        "rec_billing__erp__credit_notes",
        {
            "credit_notes": [NOTE],
            "credit_note_lines": [
                {"billing_system": "stripe", "credit_note_id": "cn_1"}
            ],
            "int_erp__credit_memos": [MEMO],
            "customer_records": [{"system": "netsuite"}],
        },
        {"int_erp__credit_memos": nothing_like(MEMO)},
        [{"difference_minor": -5_000, "proposed_value": "50.00"}],
        [
            # Where no ERP is loaded none is asked.
            {
                "customer_records": [{"system": "stripe"}],
                "int_erp__credit_memos": nothing_like(MEMO),
            },
            # What Chargebee writes for a refund alone has no lines.
            {
                "credit_notes": [
                    NOTE,
                    NOTE | {"billing_system": "chargebee", "credit_note_id": "CN-1"},
                ],
                "customer_records": [
                    {"system": "netsuite"},
                    {"system": "business_central"},
                ],
            },
        ],
    ),
    "a credit note of another total": Case(
        "B08",
        "rec_billing__erp__credit_notes",
        {
            "credit_notes": with_(NOTE, billing_system="chargebee"),
            "credit_note_lines": [
                {"billing_system": "chargebee", "credit_note_id": "cn_1"}
            ],
            "int_erp__credit_memos": with_(MEMO, erp_system="business_central"),
            "customer_records": [{"system": "business_central"}],
        },
        {
            "int_erp__credit_memos": with_(
                MEMO, erp_system="business_central", total_minor=4_000
            )
        },
        [{"left_value": "50.00", "right_value": "40.00", "difference_minor": -1_000}],
    ),
    "another amount at the bank": Case(
        "C05",
        "rec_payouts__netsuite__deposits",
        {
            "payouts": [
                {
                    "payout_id": "po_1",
                    "billing_system": "stripe",
                    "status": "paid",
                    "arrives_on": date(2026, 10, 1),
                    "currency": "EUR",
                    "amount_minor": 9_900,
                }
            ],
            "stg_netsuite__deposits": [DEPOSIT],
        },
        {"stg_netsuite__deposits": [DEPOSIT | {"total_amount": Decimal("98.5")}]},
        [{"record_key": "netsuite:deposit:d1", "difference_minor": 50}],
        # Books without any deposit are not asked.
        [{"stg_netsuite__deposits": nothing_like(DEPOSIT)}],
    ),
    "a refund whose note billing lost": Case(
        "C07",
        "rec_refunds__billing__credit_notes",
        {
            "refunds": [REFUND],
            "credit_notes": [NOTE],
            "int_erp__credit_memos": [MEMO],
            "stg_netsuite__customer_refunds": [
                {"netsuite_refund_id": "r1", "stripe_refund_id": "re_1", **LIVE}
            ],
            "stg_netsuite__refund_applications": [
                {"netsuite_refund_id": "r1", "netsuite_credit_memo_id": "m1", **LIVE}
            ],
        },
        {
            "refunds": with_(REFUND, credit_note_id=None),
            "credit_notes": nothing_like(NOTE),
        },
        [{"record_key": "stripe:refund:re_1", "proposed_value": "50.00"}],
        # Given back for goodwill, and no credit in the books either.
        [
            {
                "refunds": with_(REFUND, credit_note_id=None, refund_id="re_2"),
                "credit_notes": nothing_like(NOTE),
            }
        ],
    ),
    "a note whose refund was not made": Case(
        "C07",
        "rec_refunds__billing__credit_notes",
        {
            "refunds": [REFUND],
            "credit_notes": [NOTE],
            "int_erp__credit_memos": [MEMO],
            "stg_netsuite__customer_refunds": [
                {"netsuite_refund_id": "r1", "stripe_refund_id": "re_1", **LIVE}
            ],
            "stg_netsuite__refund_applications": [
                {"netsuite_refund_id": "r1", "netsuite_credit_memo_id": "m1", **LIVE}
            ],
        },
        {"refunds": with_(REFUND, status="failed")},
        [{"record_key": "stripe:credit_note:cn_1", "difference_minor": -5_000}],
    ),
    "a credit that the books do not have": Case(
        "C13",
        "rec_billing__erp__credit_balances",
        {
            "customer_records": [
                {"system": "stripe", "record_id": "cus_1", "customer_id": "acme"},
                {"system": "chargebee", "record_id": "cb_1", "customer_id": "acme"},
            ],
            "stg_stripe__customers": [
                {
                    "stripe_customer_id": "cus_1",
                    "currency": "EUR",
                    "credit_balance_minor": 700,
                    **LIVE,
                }
            ],
            "stg_chargebee__customers": [
                {
                    "chargebee_customer_id": "cb_1",
                    "currency": "EUR",
                    "credit_balance_minor": 0,
                    **LIVE,
                }
            ],
            "int_erp__customers": [IN_ERP],
            "int_erp__credit_memos": with_(MEMO, open_minor=700),
        },
        {"int_erp__credit_memos": with_(MEMO, open_minor=200)},
        [{"left_value": "7.00", "right_value": "2.00", "difference_minor": 500}],
        # Whom the books do not know is M03's.
        [{"int_erp__customers": with_(IN_ERP, customer_id="other")}],
    ),
    "a payment that Business Central does not have": Case(
        "C02",
        "rec_stripe__erp__payments_applied",
        CENTRAL,
        {
            "stg_business_central__sales_invoices": with_(
                POSTED, status="Open", remaining_amount=Decimal(119)
            ),
            "stg_business_central__general_ledger_entries": nothing_like(ENTRY),
        },
        [{"record_key": "chargebee:payment:txn_1", "difference_minor": 11_900}],
        # What billing still waits for is open in both.
        [
            {
                "payments": nothing_like(PAYMENT),
                "payment_allocations": nothing_like(ALLOCATION),
                "invoices": with_(INVOICE, status="open", open_minor=11_900),
                "stg_business_central__sales_invoices": with_(
                    POSTED, status="Open", remaining_amount=Decimal(119)
                ),
            }
        ],
    ),
    "a payment that settles nothing in Business Central": Case(
        "C06",
        "rec_netsuite__netsuite__unapplied_cash",
        CENTRAL,
        {
            "stg_business_central__sales_invoices": with_(
                POSTED, status="Open", remaining_amount=Decimal(119)
            )
        },
        [{"record_key": "business_central:invoice:bc1", "difference_minor": 11_900}],
    ),
    "an invoice that Business Central does not have": Case(
        "B01",
        "rec_stripe__erp__invoices",
        CENTRAL,
        {"stg_business_central__sales_invoices": nothing_like(POSTED)},
        [
            {
                "record_key": "chargebee:invoice:CB-1",
                "right_system": "business_central",
                "push_class": "T",
            }
        ],
    ),
    "a void invoice that Business Central still collects": Case(
        "B05",
        "rec_stripe__erp__invoice_status",
        CENTRAL,
        {"invoices": with_(INVOICE, status="void")},
        [{"record_key": "chargebee:invoice:CB-1", "difference_minor": -11_900}],
    ),
    "another total in Business Central": Case(
        "B03",
        "rec_stripe__erp__invoice_total",
        CENTRAL,
        {
            "stg_business_central__sales_invoices": with_(
                POSTED, total_amount=Decimal(100)
            )
        },
        [{"left_value": "119.00", "right_value": "100.00"}],
    ),
}
