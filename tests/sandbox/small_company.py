"""What each system says of a company small enough to read."""

from decimal import Decimal
from typing import Any

INVOICES = 25
LINES = 12

Document = dict[str, Any]


def _account(number: int, **fields: Any) -> Document:
    stamp = f"2026-10-0{min(number, 2)}T09:00:00.000+0000"
    return {
        "Id": f"001Hs0000000{number:03}AAA",
        "IsDeleted": False,
        "Name": f"Customer {number}",
        "Website": f"https://www.c{number}.example",
        "BillingCountry": "US",
        "CurrencyIsoCode": "USD",
        "Tax_Id__c": None,
        "Billing_Email__c": f"billing@c{number}.example",
        "Payment_Status__c": "current",
        "Duplicate_Of__c": None,
        "Type": "Customer",
        "CreatedDate": "2024-11-01T09:00:00.000+0000",
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
        **fields,
    }


def _deal(number: int) -> Document:
    return {
        "Id": f"006Hs0000000{number:03}AAA",
        "Amount": Decimal(f"{number}000.10"),
        "CloseDate": f"2026-0{number}-15",
        "IsWon": number > 1,
        "SystemModstamp": "2026-10-01T09:00:00.000+0000",
    }


def _customer(number: int) -> Document:
    return {
        "id": f"cus_{number}",
        "object": "customer",
        "address": None,
        "created": 1_700_000_000 + number,
        "currency": "usd",
        "email": f"billing@c{number}.example",
        "livemode": False,
        "metadata": {"tax_id": f"T{number}", "plan": "old"},
        "name": f"Customer {number}",
    }


def _invoice(number: int) -> Document:
    lines = [
        {
            "id": f"il_{number}_{place}",
            "object": "line_item",
            "amount": place,
            "discounts": [],
        }
        for place in range(LINES if number == 1 else 1)
    ]
    return {
        "id": f"in_{number}",
        "object": "invoice",
        # Two invoices to a second, as a billing run makes them.
        "created": 1_750_000_000 + number // 2,
        "customer": f"cus_{number % 2 + 1}",
        "discounts": [],
        "lines": {"object": "list", "data": lines, "has_more": False},
        "parent": {"subscription_details": {"subscription": "sub_1"}},
        "status": "open" if number == 3 else "paid",
        "total": 1000 + number,
    }


def _subscription(name: str, status: str, discounts: list[Document]) -> Document:
    items = [
        {"id": f"si_{name}", "object": "subscription_item", "price": {"id": "price_1"}}
    ]
    return {
        "id": f"sub_{name}",
        "object": "subscription",
        "created": 1_740_000_000,
        "customer": "cus_1",
        "default_payment_method": None,
        "discounts": discounts,
        "items": {"object": "list", "data": items, "has_more": False},
        "metadata": {},
        "status": status,
    }


def _usage(day: int) -> Document:
    start = 1_760_054_400 + day * 86_400
    return {
        "id": f"mtrusg_{day}",
        "object": "billing.meter_event_summary",
        "aggregated_value": 10 + day,
        "start_time": start,
        "end_time": start + 86_400,
        "livemode": False,
        "meter": "mtr_1",
        "_customer": "cus_1",
    }


def _organization(number: int, changed: str) -> Document:
    return {
        "id": 100 + number,
        "name": f"Customer {number}",
        "external_id": None,
        "domain_names": [f"c{number}.example"],
        "organization_fields": {"support_tier": "none"},
        "updated_at": changed,
    }


def _transaction(number: int, kind: str) -> Document:
    return {
        "id": str(9_990 + number * 5),
        "type": kind,
        "tranid": f"{kind}-{number}",
        "externalid": f"x_{kind}_{number}",
        "entity": "1001",
        "trandate": "2026-10-05",
        "currency": "USD",
        "foreigntotal": Decimal("1234.50"),
        "status": "Open",
        "lastmodifieddate": "2026-10-05 20:00:00",
    }


def documents() -> dict[str, dict[str, list[Document]]]:
    """Return the documents of the small company, new ones on every call."""
    discount = {
        "id": "di_1",
        "object": "discount",
        "start": 1,
        "source": {"type": "coupon", "coupon": "FOREVER"},
    }
    stamps = ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-02T00:00:00Z")
    return {
        "salesforce": {
            "Account": [
                _account(1),
                _account(2, Name='O\'Hara & "Söhne"', Tax_Id__c="DE1"),
                _account(3, Payment_Status__c=None),
                _account(4, IsDeleted=True),
            ],
            "Opportunity": [_deal(number) for number in (1, 2, 3)],
        },
        "stripe": {
            "customer": [_customer(number) for number in (1, 2, 3)],
            "invoice": [_invoice(number) for number in range(INVOICES)],
            "subscription": [
                _subscription("1", "active", [discount]),
                _subscription("2", "canceled", []),
            ],
            "coupon": [
                {
                    "id": "HALF",
                    "object": "coupon",
                    "created": 1,
                    "percent_off": 50,
                    "duration": "repeating",
                    "duration_in_months": 3,
                },
            ],
            "billing.meter": [
                {
                    "id": "mtr_1",
                    "object": "billing.meter",
                    "created": 1,
                    "status": "active",
                }
            ],
            "billing.meter_event_summary": [_usage(day) for day in range(3)],
        },
        "zendesk": {
            "organization": [
                _organization(number, stamp) for number, stamp in enumerate(stamps)
            ],
            "user": [
                {
                    "id": 500 + number,
                    "name": f"User {number}",
                    "updated_at": f"2026-10-0{number}T00:00:00Z",
                }
                for number in (1, 2, 3)
            ],
            "ticket": [],
        },
        "netsuite": {
            "customer": [
                {
                    "id": "1001",
                    "entityid": "CUST1",
                    "externalid": "cus_1",
                    "companyname": "Customer 1",
                    "email": None,
                    "vatregnumber": "T1",
                    "currency": "USD",
                    "country": "US",
                    "isinactive": "F",
                    "lastmodifieddate": "2026-10-01 11:00:00",
                },
            ],
            "item": [
                {
                    "id": "301",
                    "itemid": "PLT",
                    "displayname": "Platform",
                    "externalid": None,
                    "isinactive": "F",
                    "lastmodifieddate": "2026-10-01 11:00:00",
                },
            ],
            "invoice": [_transaction(number, "CustInvc") for number in (1, 2, 3)],
            "payment": [_transaction(4, "CustPymt")],
            "payment_application": [
                {
                    "id": "9995-10010",
                    "linktype": "Payment",
                    "previousdoc": "9995",
                    "nextdoc": "10010",
                    "foreignamount": Decimal("1234.50"),
                },
            ],
        },
    }
