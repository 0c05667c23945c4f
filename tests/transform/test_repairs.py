"""What a break proposes is what ends it: repair, build again, find nothing."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

# Where a repaired field of a system's record arrives in the raw tables.
ARRIVES = {
    ("salesforce", "Account", "Name"): "raw_salesforce.accounts.name",
    (
        "salesforce",
        "Account",
        "Duplicate_Of__c",
    ): "raw_salesforce.accounts.duplicate_of__c",
    (
        "salesforce",
        "Account",
        "Payment_Status__c",
    ): "raw_salesforce.accounts.payment_status__c",
    (
        "salesforce",
        "Contract",
        "Master_Contract__c",
    ): "raw_salesforce.contracts.master_contract__c",
    ("salesforce", "Product2", "ERP_Item__c"): "raw_salesforce.products.erp_item__c",
    ("stripe", "customer", "name"): "raw_stripe.customers.name",
    (
        "stripe",
        "customer",
        "metadata.duplicate_of",
    ): "raw_stripe.customers.metadata_duplicate_of",
    ("stripe", "subscription", "discounts"): "raw_stripe.subscriptions.discount_coupon",
    ("zendesk", "organization", "name"): "raw_zendesk.organizations.name",
    (
        "zendesk",
        "organization",
        "organization_fields.support_tier",
    ): "raw_zendesk.organizations.support_tier",
    ("netsuite", "customer", "email"): "raw_netsuite.customers.email",
    ("hubspot", "company", "name"): "raw_hubspot.companies.name",
    ("hubspot", "company", "billing_email"): "raw_hubspot.companies.billing_email",
    ("chargebee", "customer", "company"): "raw_chargebee.customers.company",
    ("business_central", "customer", "email"): "raw_business_central.customers.email",
    ("vitally", "account", "name"): "raw_vitally.accounts.name",
}
POST_INVOICES = """
    insert into raw_netsuite.invoices by name
    select
        'made-' || invoice_id as id,
        number as tranid,
        invoice_id as externalid,
        netsuite_customer_id as entity,
        posts_on as trandate,
        due_on as duedate,
        currency,
        total_minor / minor_per_major as foreigntotal,
        'Open' as status,
        false as is_deleted,
        '' as _dlt_load_id,
        '' as _dlt_id
    from canonical.invoices
    inner join staging.currencies using (currency)
    where
        invoice_id in (
            select target_record_id from reconciliation.breaks
            where target_system = 'netsuite' and target_object = 'invoice'
        )
"""
BILL_LATE_USAGE = """
    insert into raw_stripe.invoice_items by name
    select
        'made-' || adjustment_id as id,
        stripe_customer_id as customer,
        amount_minor as amount,
        lower(currency) as currency,
        description,
        adjustment_id as metadata_concord_key,
        false as is_deleted,
        '' as _dlt_load_id,
        '' as _dlt_id
    from canonical.usage_adjustments
"""


@pytest.fixture(scope="module")
def repaired(
    disordered: Any,
    dbt: Any,
    resolve: Callable[[Path], None],
    tmp_path_factory: Any,
) -> Path:
    """Carry out every proposal in a copy of the disordered company's raw tables."""
    warehouse: Path = tmp_path_factory.mktemp("repaired") / "warehouse.duckdb"
    shutil.copy(disordered.warehouse, warehouse)
    proposals = disordered.rows(
        "select target_system, target_object, target_field, target_record_id,"
        " nullif(proposed_value, '') from reconciliation.breaks"
        " where push_class in ('P', 'A') and explained_by is null"
        " and target_object not in ('invoice', 'invoiceitem')"
    )
    with closing(duckdb.connect(str(warehouse))) as connection:
        for system, name, field, record_id, value in proposals:
            table, _, column = ARRIVES[system, name, field].rpartition(".")
            connection.execute(
                f"update {table} set {column} = ? where id = ?", [value, record_id]
            )
        connection.execute(POST_INVOICES)
        connection.execute(BILL_LATE_USAGE)
    resolve(warehouse)
    dbt.rebuild(warehouse)
    return warehouse


def test_after_the_repairs_only_a_persons_breaks_are_left(
    repaired: Path, disordered: Any
) -> None:
    """Every other break is gone, and with it all that it explained."""
    with closing(duckdb.connect(str(repaired), read_only=True)) as connection:
        left = connection.execute(
            "select check_id, record_key, explained_by, push_class"
            " from reconciliation.breaks order by 1, 2"
        ).fetchall()

    assert left == disordered.rows(
        "select check_id, record_key, explained_by, push_class"
        " from reconciliation.breaks where push_class = 'T' and explained_by is null"
        " order by 1, 2"
    )
    assert left


def test_repairs_change_no_arr(repaired: Path, disordered: Any) -> None:
    """What the contracts say was right; the repairs make the other systems agree."""
    query = "select * from marts.arr_monthly order by month"

    with closing(duckdb.connect(str(repaired), read_only=True)) as connection:
        after = connection.execute(query).fetchall()

    assert after == disordered.rows(query)
