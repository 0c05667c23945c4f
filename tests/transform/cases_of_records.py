"""Cases of master data: what of a customer, an item or an account does not agree."""

from datetime import UTC, date, datetime

from tests.transform.tiny import Case, Row, Tables, with_

ACME: Row = {
    "customer_id": "acme",
    "legal_name": "Acme Inc.",
    "salesforce_account_id": "a1",
    "stripe_customer_id": "cus_1",
    "chargebee_customer_id": "cb_1",
    "netsuite_customer_id": "n1",
}
EVERYWHERE: Tables = {
    "customers": [ACME],
    "currencies": [{"currency": "EUR", "minor_per_major": 100}],
}
IN_ERP: Row = {
    "record_key": "netsuite:customer:n1",
    "customer_id": "acme",
    "erp_system": "netsuite",
    "erp_customer_id": "n1",
    "erp_parent_id": None,
    "currency": "EUR",
    "payment_terms": "Net 30",
    "is_taxable": True,
    "legal_entity_code": "UK",
}
LIVE: Row = {"is_deleted": False}
ACCOUNTS = [
    {
        "salesforce_account_id": f"a{number}",
        "legal_name": f"Company {number}",
        "salesforce_parent_id": above,
        **LIVE,
    }
    for number, above in ((1, "a2"), (2, "a3"), (3, None), (4, None))
]
FAMILY: Tables = {
    "customers": [
        ACME
        | {
            "customer_id": f"k{number}",
            "salesforce_account_id": f"a{number}",
            "netsuite_customer_id": f"n{number}",
        }
        for number in (1, 2, 3, 4)
    ],
    "customer_records": [
        {"system": "salesforce", "record_id": f"a{n}", "customer_id": f"k{n}"}
        for n in (1, 2, 3, 4)
    ],
    "stg_salesforce__accounts": ACCOUNTS,
    "int_erp__customers": [
        IN_ERP
        | {
            "record_key": f"netsuite:customer:n{n}",
            "customer_id": f"k{n}",
            "erp_customer_id": f"n{n}",
            "erp_parent_id": above,
        }
        for n, above in ((1, "n2"), (2, "n3"), (3, None), (4, None))
    ],
}


def accounts(**parents: str | None) -> Tables:
    """Return the accounts with other parents."""
    return {
        "stg_salesforce__accounts": [
            each
            | {
                "salesforce_parent_id": parents.get(
                    each["salesforce_account_id"], each["salesforce_parent_id"]
                )
            }
            for each in ACCOUNTS
        ]
    }


def opened(total: int, deleted: int) -> Tables:
    """Return opportunities of which some were deleted since."""
    return {
        "stg_salesforce__opportunities": [
            {
                "salesforce_opportunity_id": f"o{number}",
                "created_at": datetime(2026, 9, 2, tzinfo=UTC),
                "is_closed": False,
                "closes_on": date(2026, 12, 1),
                "is_deleted": number < deleted,
            }
            for number in range(total)
        ],
        "int_opportunities__month_ends": [{"month": date(2026, 9, 1)}]
        * (total - deleted),
    }


RECORDS = {
    "another subsidiary": Case(
        "M05",
        "rec_netsuite__billing__currency",
        {
            "stg_stripe__customers": [
                {"stripe_customer_id": "cus_1", "currency": "EUR", **LIVE}
            ],
            "int_accounts__linked": [
                {"salesforce_account_id": "a1", "legal_entity_code": "UK"}
            ],
            "int_erp__customers": [IN_ERP],
        },
        {"int_erp__customers": with_(IN_ERP, legal_entity_code="US")},
        [{"left_value": "UK", "right_value": "US", "customer_id": "acme"}],
        # Books that do not say which entity sells contradict nobody.
        [{"int_erp__customers": with_(IN_ERP, legal_entity_code=None)}],
    ),
    "a circle of three is one break, where the books say otherwise": Case(
        "M06",
        "rec_salesforce__salesforce__parents",
        FAMILY,
        accounts(a3="a1"),
        [{"record_key": "salesforce:account:a3", "proposed_value": None}],
    ),
    "a circle of which the books have another link, and lost one": Case(
        "M06",
        "rec_salesforce__salesforce__parents",
        FAMILY,
        accounts(a2="a1")
        | {
            "int_erp__customers": [
                each
                if each["erp_customer_id"] != "n1"
                else each | {"erp_parent_id": None}
                for each in FAMILY["int_erp__customers"]
            ]
        },
        [
            {"record_key": "salesforce:account:a2", "proposed_value": "a3"},
            {"record_key": "netsuite:customer:n1", "proposed_value": "n2"},
        ],
    ),
    "an account above itself": Case(
        "M06",
        "rec_salesforce__salesforce__parents",
        FAMILY,
        accounts(a4="a4"),
        [{"record_key": "salesforce:account:a4"}],
    ),
    "a parent that does not exist": Case(
        "M06",
        "rec_salesforce__salesforce__parents",
        FAMILY,
        accounts(a1="gone"),
        [{"record_key": "salesforce:account:a1", "proposed_value": "a2"}],
    ),
    "a parent that the books do not have": Case(
        "M06",
        "rec_salesforce__salesforce__parents",
        FAMILY,
        accounts(a4="a3"),
        [
            {
                "record_key": "netsuite:customer:n4",
                "target_field": "parent",
                "proposed_value": "n3",
            }
        ],
    ),
    "an item without a revenue rule": Case(
        "M10",
        "rec_products__netsuite__revenue_rules",
        {
            "products": [
                {
                    "product_id": f"P{number}",
                    "netsuite_item_id": f"{number}",
                    "revenue_type": "recurring",
                    "is_active": True,
                }
                for number in (1, 2)
            ],
            "int_erp__item_revenue_rules": [
                {
                    "erp_system": "netsuite",
                    "erp_item_id": f"{number}",
                    "item_name": f"P{number}",
                    "revenue_rule": "Straight-line",
                    "deferred_account_id": "2400",
                }
                for number in (1, 2)
            ],
        },
        {
            "int_erp__item_revenue_rules": [
                {
                    "erp_system": "netsuite",
                    "erp_item_id": f"{number}",
                    "item_name": f"P{number}",
                    "revenue_rule": rule,
                    "deferred_account_id": account,
                }
                for number, rule, account in (
                    (1, None, None),
                    (2, "Straight-line", "2400"),
                )
            ],
        },
        [{"record_key": "netsuite:item:1", "proposed_value": "Straight-line"}],
    ),
    "taxed in billing alone": Case(
        "M11",
        "rec_netsuite__billing__taxability",
        {
            "stg_stripe__customers": [
                {"stripe_customer_id": "cus_1", "tax_exempt": "none", **LIVE}
            ],
            "stg_chargebee__customers": [
                {"chargebee_customer_id": "cb_1", "taxability": "taxable", **LIVE}
            ],
            "int_erp__taxability": [IN_ERP],
        },
        {"int_erp__taxability": with_(IN_ERP, is_taxable=False)},
        [{"left_value": "taxable", "right_value": "exempt"}],
        # Who owes the tax himself is neither.
        [
            {
                "stg_stripe__customers": [
                    {"stripe_customer_id": "cus_1", "tax_exempt": "reverse", **LIVE}
                ]
            }
        ],
    ),
    "other terms than agreed last": Case(
        "M13",
        "rec_contracts__netsuite__payment_terms",
        {
            "contract_versions": [
                {
                    "contract_id": contract,
                    "customer_id": "acme",
                    "is_current": True,
                    "payment_terms": terms,
                    "valid_from": since,
                    "recorded_from": datetime(2025, 1, 1, tzinfo=UTC),
                }
                for contract, terms, since in (
                    ("k1", "Net 60", date(2025, 1, 1)),
                    ("k2", "Net 30", date(2026, 1, 1)),
                    ("k3", "Net 90", date(2027, 1, 1)),
                )
            ],
            "int_erp__payment_terms": with_(IN_ERP, payment_terms="net 30 "),
        },
        {"int_erp__payment_terms": with_(IN_ERP, payment_terms="Net 60")},
        [
            {
                "right_value": "Net 60",
                "target_record_id": "n1",
                "proposed_value": "Net 30",
            }
        ],
    ),
    "a pipeline that lost a sixth": Case(
        "X05",
        "rec_pipeline__opportunities__base",
        opened(12, 1)
        | {
            "int_calendar__months": [
                {"month": date(2026, 9, 1), "closes_before": date(2026, 10, 1)}
            ]
        },
        opened(12, 2),
        [{"left_value": "12", "right_value": "10"}],
    ),
}
