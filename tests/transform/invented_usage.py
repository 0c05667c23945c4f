"""Usage, tickets and movements, in a few rows: what their checks must find, or not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.transform.invented import Invented, Mistake, Row

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
USED_ON = date(2026, 9, 10)
TEN = Decimal(10)
BILLED = {"billing_system": "stripe", "billing_customer_id": "cus1", "meter_id": "mtr1"}
DAY = BILLED | {"used_on": USED_ON, "quantity": TEN, "event_count": 1}
SUMMARY = {
    "stripe_customer_id": "cus1",
    "stripe_meter_id": "mtr1",
    "starts_at": datetime(2026, 9, 10, tzinfo=UTC),
    "ends_at": datetime(2026, 9, 11, tzinfo=UTC),
    "quantity": TEN,
    "is_deleted": False,
}
CHARGE = BILLED | {
    "customer_id": "c1",
    "subscription_id": "sub1",
    "starts_on": SEPTEMBER,
    "ends_before": OCTOBER,
    "used_quantity": TEN,
    "currency": "USD",
    "amount_minor": 5_000,
    "invoice_id": "in1",
    "invoiced_minor": 5_000,
}
METER = {
    "billing_system": "stripe",
    "meter_id": "mtr1",
    "name": "API calls",
    "aggregation": "sum",
}
PRICE = {"billing_system": "stripe", "meter_id": "mtr1", "price_id": "pr1"}
RECORDS = [{"system": "stripe", "record_id": "cus1", "customer_id": "c1"}]
SUBSCRIPTION = {
    "billing_system": "stripe",
    "subscription_id": "sub1",
    "billing_customer_id": "cus1",
    "status": "active",
}
SEGMENT = {
    "billing_system": "stripe",
    "subscription_id": "sub1",
    "customer_id": "c1",
    "meter_id": "mtr1",
    "valid_from": date(2026, 1, 1),
    "is_trial": False,
    "is_paused": False,
}
PERIOD = BILLED | {"starts_on": SEPTEMBER, "ends_before": OCTOBER}
CUSTOMER = "stripe:customer:cus1"
# Every third day of the last month, up to four days before the numbers are stated.
RHYTHM = [
    BILLED | {"used_on": date(2026, 10, 27) - timedelta(3 * number), "quantity": TEN}
    for number in range(8)
]
TICKET = {
    "ticket_id": "t1",
    "customer_id": "c1",
    "subject": "Export stops",
    "is_open": True,
}
TAGGED = {"zendesk_ticket_id": "t1", "record": '{"tags": ["vip", "past_due"]}'}


def movement(entity: str, **amounts: int) -> Row:
    """Return a row of ARR's movements in which all else is nothing."""
    kinds = (
        *("opening", "transfer_in", "transfer_out", "new", "reactivation", "churn"),
        *("pause", "resume", "expansion", "contraction", "closing"),
    )
    named = {f"{kind}{unit}": 0 for kind in kinds for unit in ("_minor", "_usd_minor")}
    return {
        "customer_id": "c1",
        "currency": "USD",
        "legal_entity_code": entity,
        "month": OCTOBER,
        **named,
        **amounts,
    }


USAGE_CHECKS = {
    "U03": Invented(
        "rec_usage__usage__rated",
        {
            "stg_stripe__meter_summaries": [SUMMARY],
            "usage_days": [DAY | {"customer_id": "c1"}],
            "usage_charges": [CHARGE],
            "meters": [METER],
        },
        [
            Mistake(
                "usage that is not counted",
                "stg_stripe__meter_summaries",
                {
                    "record_key": CUSTOMER,
                    "left_value": "12.000000000",
                    "right_value": "10.000000000",
                },
                {"quantity": Decimal(12)},
            ),
            Mistake(
                "usage that two subscriptions bill",
                "usage_charges",
                {"customer_id": "c1", "right_value": "20.000000000"},
                CHARGE | {"subscription_id": "sub2"},
                place=1,
            ),
        ],
        {
            "one window told twice": ("stg_stripe__meter_summaries", 1, SUMMARY),
            "a day that no period bills, which U05 says": (
                "usage_charges",
                0,
                {"ends_before": USED_ON, "used_quantity": Decimal(0)},
            ),
        },
    ),
    "U05": Invented(
        "rec_usage__subscriptions__unsubscribed",
        {
            "int_usage__daily": [DAY],
            "int_prices__stated": [PRICE],
            "int_usage__periods": [PERIOD],
            "int_subscriptions__stated": [SUBSCRIPTION],
            "customer_records": RECORDS,
            "subscription_segments": [
                SEGMENT
                | {
                    "is_trial": True,
                    "valid_from": date(2026, 8, 1),
                    "valid_to": SEPTEMBER,
                }
            ],
        },
        [
            Mistake(
                "usage after the subscription",
                "int_usage__daily",
                {
                    "record_key": CUSTOMER,
                    "customer_id": "c1",
                    "left_value": "10.000000000",
                },
                DAY | {"used_on": OCTOBER},
                place=1,
            ),
            Mistake(
                "usage of another customer",
                "int_usage__daily",
                {"record_key": "stripe:customer:cus2", "customer_id": None},
                DAY | {"billing_customer_id": "cus2"},
                place=1,
            ),
        ],
        {
            "usage in a trial": (
                "int_usage__daily",
                1,
                DAY | {"used_on": date(2026, 8, 5)},
            ),
            "a meter that no price knows, which U08 says": (
                "int_usage__daily",
                1,
                DAY | {"meter_id": "mtr9", "used_on": OCTOBER},
            ),
        },
    ),
    "U06": Invented(
        "rec_usage__invoices__overage",
        {
            "usage_charges": [CHARGE],
            "subscriptions": [
                {
                    "billing_system": "stripe",
                    "subscription_id": "sub1",
                    "contract_id": "k1",
                }
            ],
            "contracts": [{"contract_id": "k1", "monthly_minimum_minor": 4_000}],
            "revenue_invoiced_lines": [
                {"invoice_id": "in9", "is_minimum": True, "net_minor": 100}
            ],
        },
        [
            Mistake(
                "more than the minimum, not billed",
                "usage_charges",
                {
                    "record_key": "stripe:invoice:in1",
                    "difference_minor": 700,
                    "grain_key": "invoice:in1",
                },
                {"amount_minor": 5_700},
            )
        ],
        {
            "less than the minimum": (
                "usage_charges",
                0,
                {"amount_minor": 3_000, "invoiced_minor": 2_500},
            ),
            "what makes up the minimum": (
                "revenue_invoiced_lines",
                1,
                {"invoice_id": "in1", "is_minimum": True, "net_minor": 700},
            ),
        },
    ),
    "U07": Invented(
        "rec_subscriptions__usage__silent",
        {
            "subscription_segments": [SEGMENT],
            "int_subscriptions__stated": [SUBSCRIPTION],
            "int_usage__daily": RHYTHM,
        },
        [
            Mistake(
                "a meter of which nothing was ever used",
                "subscription_segments",
                {
                    "record_key": "stripe:subscription:sub1",
                    "right_value": None,
                    "customer_id": "c1",
                },
                {"meter_id": "mtr2"},
            ),
        ],
        {
            "a subscription of yesterday": (
                "subscription_segments",
                0,
                {"meter_id": "mtr2", "valid_from": date(2026, 10, 30)},
            ),
            "one that is over": (
                "int_subscriptions__stated",
                0,
                {"status": "canceled"},
            ),
            "a pause": (
                "subscription_segments",
                0,
                {"meter_id": "mtr2", "is_paused": True},
            ),
        },
    ),
    "U08": Invented(
        "rec_usage__prices__meters",
        {
            "int_usage__daily": [DAY],
            "int_prices__stated": [PRICE],
            "int_meters__stated": [METER],
        },
        [
            Mistake(
                "a meter that no price bills",
                "int_prices__stated",
                {
                    "record_key": "stripe:billing.meter:mtr1",
                    "right_value": "no price",
                },
                {"meter_id": "mtr2"},
            )
        ],
        {
            "a meter of which nothing is used": (
                "int_meters__stated",
                1,
                METER | {"meter_id": "mtr2"},
            )
        },
    ),
    "U10": Invented(
        "rec_usage__usage__counted",
        {
            "stg_stripe__meter_summaries": [SUMMARY],
            # Two arrivals of our own, one of them a retry: what Stripe says of that
            # meter is not added.
            "int_usage__daily": [DAY, DAY | {"meter_id": "own", "event_count": 2}],
            "stg_usage__events": [
                {
                    "billing_system": "stripe",
                    "meter_id": "own",
                    "event_at": datetime(2026, 9, 10, hour, 59, tzinfo=UTC),
                }
                for hour in (0, 23)
            ],
        },
        [
            Mistake(
                "an event that no day counts",
                "stg_usage__events",
                {
                    "record_key": "concord:meter:stripe:own",
                    "left_value": "1",
                    "right_value": "0",
                    "period": SEPTEMBER,
                },
                {
                    "billing_system": "stripe",
                    "meter_id": "own",
                    "event_at": datetime(2026, 9, 11, tzinfo=UTC),
                },
                place=2,
            ),
            Mistake(
                "a day counted twice",
                "int_usage__daily",
                {"left_value": "1", "right_value": "2"},
                {"event_count": 2},
            ),
        ],
        {
            "Stripe's word on a meter whose events we have": (
                "stg_stripe__meter_summaries",
                1,
                SUMMARY | {"stripe_meter_id": "own"},
            )
        },
    ),
    "U11": Invented(
        "rec_invoices__subscriptions__usage_price",
        {
            "int_usage__billed": [
                BILLED
                | {
                    "subscription_id": "sub1",
                    "price_id": "pr1",
                    "invoice_id": "in1",
                    "starts_on": SEPTEMBER,
                }
            ],
            "int_subscriptions__items": [
                {
                    "billing_system": "stripe",
                    "subscription_id": "sub1",
                    "price_id": "pr1",
                    "item_id": "si1",
                }
            ],
            "int_prices__stated": [
                PRICE | {"sku": "USE"},
                PRICE | {"sku": "USE", "price_id": "pr2"},
            ],
            "subscriptions": [
                {
                    "billing_system": "stripe",
                    "subscription_id": "sub1",
                    "customer_id": "c1",
                    "contract_id": "k1",
                }
            ],
            "orders": [
                {"order_id": "o1", "status": "activated", "starts_on": SEPTEMBER},
                {"order_id": "o2", "status": "activated", "starts_on": OCTOBER},
            ],
            # The newer order is of another product, and agrees no price of this one.
            "order_lines": [
                {"order_id": "o1", "contract_id": "k1", "product_id": "USE"},
                {"order_id": "o2", "contract_id": "k1", "product_id": "PLT"},
            ],
        },
        [
            Mistake(
                "another price than was billed",
                "int_subscriptions__items",
                {
                    "record_key": "stripe:subscription:sub1",
                    "target_record_id": "si1",
                    "target_field": "price",
                    "proposed_value": "pr1",
                    "push_class": "A",
                },
                {"price_id": "pr2"},
            )
        ],
    ),
    "T05": Invented(
        "rec_zendesk__billing__unflagged_tickets",
        {
            "tickets": [TICKET],
            "stg_zendesk__tickets": [TAGGED],
            "customers": [
                {
                    "customer_id": "c1",
                    "legal_name": "Acme",
                    "payment_status": "past_due",
                }
            ],
        },
        [
            Mistake(
                "a ticket that does not say so",
                "stg_zendesk__tickets",
                {
                    "record_key": "zendesk:ticket:t1",
                    "target_field": "additional_tags",
                    "proposed_value": "past_due",
                },
                {"record": '{"tags": ["vip"]}'},
            ),
        ],
    ),
    "S14": Invented(
        "rec_arr_movements__arr_movements__transfers",
        {
            "arr_movements": [
                movement(
                    "US",
                    opening_minor=500,
                    opening_usd_minor=500,
                    transfer_out_minor=-500,
                    transfer_out_usd_minor=-500,
                ),
                movement(
                    "UK",
                    transfer_in_minor=500,
                    transfer_in_usd_minor=500,
                    closing_minor=500,
                    closing_usd_minor=500,
                ),
            ]
        },
        [
            Mistake(
                "a transfer that arrives nowhere",
                "arr_movements",
                {"record_key": "concord:currency:USD", "difference_minor": -1},
                {"transfer_in_minor": 499},
                place=1,
            ),
            Mistake(
                "a rate that moves at constant rates",
                "arr_movements",
                {"difference_minor": 3, "period": OCTOBER},
                {"closing_usd_minor": 503},
                place=1,
            ),
        ],
    ),
}
