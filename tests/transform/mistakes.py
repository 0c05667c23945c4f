"""Mistakes that the sandbox does not plant, and what looks like one and is none."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A mistake: whom it hits, what changes in the raw tables, and which break says so.

    `pick` returns candidates by column; a column named customer is hit only once. Its
    other columns stand in `changes` and in the record keys in braces. `explains` is the
    check and record key of a break that is there only because of the mistake.
    """

    check: str
    pick: str
    changes: str
    record_key: str
    says: Row = field(default_factory=dict)
    breaks: int = 1
    explains: tuple[str, str] | None = None


CUSTOMERS = (
    "select *, customer_id as customer from canonical.customers where is_active"
    " and netsuite_customer_id is not null order by customer_id"
)
INVOICES = """
    select *, customer_id as customer,
        cast(cast(date_trunc('month', issued_on) as date) as varchar) as month
    from canonical.invoices
    where status = '{}' and billing_system = 'stripe'
        and netsuite_invoice_id is not null
    order by invoice_id
"""
# One item of each subscription that brings recurring revenue.
SUBSCRIBED = """
    select subscriptions.subscription_id, customers.salesforce_account_id,
        subscriptions.customer_id as customer, min(items.id) as item
    from canonical.subscriptions as subscriptions
    inner join canonical.customers as customers using (customer_id)
    inner join raw_stripe.subscription_items as items
        on items.subscription = subscriptions.subscription_id
        and items.quantity is not null
    where subscriptions.arr_minor > 0 group by all order by 1
"""
WON = """
    select opportunities.id, records.customer_id as customer
    from raw_salesforce.opportunities as opportunities
    inner join canonical.customer_records as records
        on records.record_id = opportunities.account_id
    where opportunities.is_won order by 1
"""
CONTRACTS = """
    select *, customer_id as customer from canonical.contracts
    where status = 'activated' order by contract_id
"""
# The money of one payment, and another invoice of the same customer.
APPLIED = """
    select applications.id, payments.payment_id, payments.customer_id as customer,
        received.id as netsuite_payment_id,
        min(others.netsuite_invoice_id) as other_invoice
    from raw_netsuite.payment_applications as applications
    inner join raw_netsuite.payments as received on received.id = applications.nextdoc
    inner join canonical.payments as payments
        on payments.payment_id = received.externalid
    inner join canonical.invoices as others
        on others.customer_id = payments.customer_id
        and others.invoice_id <> payments.invoice_id
    group by all order by 1
"""
USED = """
    select lines.*, lines.customer_id as customer, max(others.invoice_id) as later
    from intermediate.int_invoice_lines__classified as lines
    inner join canonical.invoices as others
        on others.customer_id = lines.customer_id
        and others.issued_on > lines.issued_on
    where lines.revenue_type = 'usage' and lines.quantity > 1
    group by all order by lines.invoice_line_id
"""
COPY_INVOICE = (
    "insert into raw_netsuite.invoices select * replace ({}) from raw_netsuite.invoices"
    " where id = '{{netsuite_invoice_id}}'"
)
# The quote of each contract in force, and a line of it that recurs.
QUOTED = """
    select contracts.contract_id, contracts.customer_id as customer,
        raw_contracts.sbqq__quote__c as quote, min(lines.id) as line
    from canonical.contracts as contracts
    inner join raw_salesforce.contracts as raw_contracts
        on raw_contracts.id = contracts.contract_id
    inner join raw_salesforce.quote_lines as lines
        on lines.sbqq__quote__c = raw_contracts.sbqq__quote__c
        and lines.sbqq__charge_type__c = 'Recurring'
    where contracts.status = 'activated' and contracts.currency = 'USD'
    group by all order by 1
"""
# Invoices of Stripe that were paid, and the month in which they were.
PAID = """
    select invoices.*, customer_id as customer,
        cast(cast(date_trunc('month', paid_on) as date) as varchar) as month
    from canonical.invoices as invoices
    where status = 'paid' and billing_system = 'stripe' order by invoice_id
"""
FIRES = {
    "a contract line at another price than was booked": Case(
        "X01",
        "select segments.*, segments.customer_id as customer,"
        " split_part(segment_id, ':', 1) as line"
        " from canonical.contract_segments as segments"
        " inner join canonical.customers using (customer_id)"
        " where is_recurring and is_active order by segment_id desc",
        """
            update raw_salesforce.subscriptions set sbqq__net_price__c =
                sbqq__net_price__c + 1 where id = '{line}'
        """,
        "salesforce:contract:{contract_id}",
        {"push_class": "T"},
    ),
    "a quote that was booked for more than its lines": Case(
        "Q03",
        QUOTED,
        """
            update raw_salesforce.quotes set sbqq__net_amount__c =
                sbqq__net_amount__c + 1 where id = '{quote}'
        """,
        "salesforce:sbqq__quote__c:{quote}",
        {"difference_minor": 100},
        explains=("X01", "salesforce:contract:{contract_id}"),
    ),
    "an invoice that nobody's payment settled": Case(
        "C14",
        PAID,
        "delete from raw_stripe.invoice_payments where invoice = '{invoice_id}'",
        "concord:receivables:{legal_entity_code}:{currency}:{month}",
        {"push_class": "T"},
    ),
    "a contract line of an unknown product": Case(
        "P04",
        "select segments.*, segments.customer_id as customer,"
        " split_part(segment_id, ':', 1) as line"
        " from canonical.contract_segments as segments"
        " inner join canonical.customers using (customer_id)"
        " where is_recurring and is_active order by segment_id",
        """
            update raw_salesforce.subscriptions set sbqq__product__c = 'nowhere'
                where id = '{line}'
        """,
        "salesforce:contract_line:{line}",
        {"push_class": "T", "right_value": "held"},
    ),
    "a contract in a currency without a rate": Case(
        "P04",
        CONTRACTS,
        """
            update raw_salesforce.contracts set currency_iso_code = 'SEK'
                where id = '{contract_id}'
        """,
        "salesforce:contract:{contract_id}",
        {"currency": "SEK", "difference_minor": None},
    ),
    "a contract of nobody": Case(
        "P04",
        CONTRACTS,
        """
            update raw_salesforce.contracts set account_id = 'nowhere'
                where id = '{contract_id}'
        """,
        "salesforce:contract:{contract_id}",
        {"customer_id": None},
    ),
    "nobody's organization": Case(
        "M01",
        CUSTOMERS,
        """
            update raw_zendesk.organizations set external_id = null, name = 'Nobody',
                domain_name = 'nobody.invalid' where id = '{zendesk_organization_id}'
        """,
        "zendesk:organization:{zendesk_organization_id}",
    ),
    "a customer whom the ERP does not know": Case(
        "M03",
        CUSTOMERS,
        """
            update raw_netsuite.customers set is_deleted = true
                where id = '{netsuite_customer_id}'
        """,
        "salesforce:account:{salesforce_account_id}",
    ),
    "a tax number with another digit": Case(
        "M04",
        "select *, customer_id as customer from canonical.customers"
        " where is_active and tax_id_source = 'netsuite' and salesforce_account_id in"
        " (select id from raw_salesforce.accounts where tax_id__c <> '')"
        " order by customer_id",
        """
            update raw_salesforce.accounts set tax_id__c = left(tax_id__c, -1)
                || case when right(tax_id__c, 1) = '1' then '2' else '1' end
                where id = '{salesforce_account_id}'
        """,
        "salesforce:account:{salesforce_account_id}",
        {"push_class": "T", "left_system": "netsuite"},
    ),
    "an order without a quote": Case(
        "Q01",
        WON,
        """
            update raw_salesforce.quotes set sbqq__ordered__c = false
                where sbqq__opportunity2__c = '{id}'
        """,
        "salesforce:opportunity:{id}",
    ),
    "another amount than the quote's": Case(
        "Q04",
        WON,
        """
            update raw_salesforce.opportunities set amount = amount + 1
                where id = '{id}'
        """,
        "salesforce:opportunity:{id}",
    ),
    "two primary quotes": Case(
        "Q04",
        WON,
        """
            update raw_salesforce.opportunities set amount = amount + 1
                where id = '{id}';
            insert into raw_salesforce.quotes select * replace (id || '-2' as id,
                false as sbqq__ordered__c) from raw_salesforce.quotes
                where sbqq__opportunity2__c = '{id}' and sbqq__primary__c
        """,
        "salesforce:opportunity:{id}",
        breaks=2,
    ),
    "an amount in a currency without a rate": Case(
        "Q04",
        WON,
        """
            update raw_salesforce.opportunities set amount = amount + 1,
                currency_iso_code = 'SEK' where id = '{id}'
        """,
        "salesforce:opportunity:{id}",
    ),
    "billing sells more": Case(
        "S03",
        SUBSCRIBED,
        """
            update raw_stripe.subscription_items set quantity = quantity + 100
                where id = '{item}'
        """,
        "stripe:subscription:{subscription_id}",
        explains=("S04", "salesforce:account:{salesforce_account_id}"),
    ),
    "billing sells what no contract is about": Case(
        "S04",
        SUBSCRIBED,
        """
            insert into raw_stripe.subscriptions select * replace (id || '-2' as id,
                null as metadata_salesforce_contract_id)
                from raw_stripe.subscriptions where id = '{subscription_id}';
            insert into raw_stripe.subscription_items select * replace (id || '-2' as
                id, '{subscription_id}-2' as subscription)
                from raw_stripe.subscription_items where id = '{item}'
        """,
        "salesforce:account:{salesforce_account_id}",
    ),
    "late usage at a price that is not stated": Case(
        "U02",
        USED,
        """
            update raw_stripe.prices
                set unit_amount = null, unit_amount_decimal = null,
                    record = json_merge_patch(record, '{{"tiers": null}}')
                where recurring_meter = '{stripe_meter_id}';
            update raw_stripe.meter_summaries set aggregated_value =
                aggregated_value + 10 where id = (select min(id) from
                raw_stripe.meter_summaries where customer = '{billing_customer_id}'
                and meter = '{stripe_meter_id}'
                and start_time >= '{starts_on} 00:00:00Z'
                and start_time < '{ends_before} 00:00:00Z')
        """,
        "stripe:invoice:{invoice_id}",
        {"push_class": "T", "proposed_value": None},
    ),
    "an unposted invoice of an unknown customer": Case(
        "B01",
        INVOICES.format("open"),
        """
            update raw_netsuite.invoices set is_deleted = true
                where id = '{netsuite_invoice_id}';
            update raw_netsuite.customers set is_deleted = true
                where id = '{netsuite_customer_id}'
        """,
        "stripe:invoice:{invoice_id}",
        {"push_class": "T"},
    ),
    "an invoice out of nowhere": Case(
        "B02",
        INVOICES.format("paid"),
        COPY_INVOICE.format("'stray' as id, null as externalid, 'M-1' as tranid"),
        "netsuite:invoice:stray",
    ),
    "an invoice that is posted again": Case(
        "B04",
        INVOICES.format("paid"),
        COPY_INVOICE.format("'~second' as id, null as externalid"),
        "netsuite:invoice:~second",
        explains=("B02", "netsuite:invoice:~second"),
    ),
    "another total": Case(
        "B03",
        INVOICES.format("open"),
        """
            update raw_netsuite.invoices set foreigntotal = foreigntotal + 1
                where id = '{netsuite_invoice_id}'
        """,
        "stripe:invoice:{invoice_id}",
    ),
    "another status": Case(
        "B05",
        INVOICES.format("open"),
        """
            update raw_netsuite.invoices set status = 'Invoice : Paid In Full'
                where id = '{netsuite_invoice_id}'
        """,
        "stripe:invoice:{invoice_id}",
    ),
    "a payment that is not applied": Case(
        "C06",
        APPLIED,
        """
            update raw_netsuite.payment_applications set is_deleted = true
                where id = '{id}'
        """,
        "netsuite:payment:{netsuite_payment_id}",
        explains=("C02", "stripe:payment:{payment_id}"),
    ),
    "a payment of another invoice": Case(
        "C02",
        APPLIED,
        """
            update raw_netsuite.payment_applications set previousdoc =
                '{other_invoice}' where id = '{id}'
        """,
        "stripe:payment:{payment_id}",
    ),
    "an invoice posted in another month": Case(
        "B06",
        f"select * from ({INVOICES.format('paid')}) where currency = 'USD'",
        """
            update raw_netsuite.invoices set trandate = trandate - 40
                where id = '{netsuite_invoice_id}'
        """,
        "netsuite:invoice:{netsuite_invoice_id}",
        explains=("X02", "concord:invoiced:netsuite:{currency}:{month}"),
    ),
    "an invoice posted in another currency": Case(
        "X02",
        f"select * from ({INVOICES.format('paid')}) where currency = 'GBP'",
        """
            update raw_netsuite.invoices set currency = 'JPY'
                where id = '{netsuite_invoice_id}'
        """,
        "concord:invoiced:netsuite:{currency}:{month}",
    ),
    "a product that is listed twice": Case(
        "P02",
        "select min(id) as id from raw_salesforce.products",
        """
            insert into raw_salesforce.products select * replace ('~' || id as id)
                from raw_salesforce.products where id = '{id}'
        """,
        "salesforce:products:all",
    ),
}
QUIET = {
    "the ERP says which kind of record is open": Case(
        "B05",
        INVOICES.format("open"),
        """
            update raw_netsuite.invoices set status = 'Invoice : ' || status
                where id = '{netsuite_invoice_id}'
        """,
        "stripe:invoice:{invoice_id}",
    ),
    "voided and posted again": Case(
        "B03 B05",
        INVOICES.format("open"),
        COPY_INVOICE.format("'again' as id")
        + "; update raw_netsuite.invoices set status = 'Voided'"
        " where id = '{netsuite_invoice_id}'",
        "stripe:invoice:{invoice_id}",
    ),
    "out of nowhere and voided": Case(
        "B02",
        INVOICES.format("open"),
        COPY_INVOICE.format("'void' as id, null as externalid, 'Voided' as status"),
        "netsuite:invoice:void",
    ),
    "a contract that is not signed": Case(
        "P02",
        "select min(id) as id from raw_salesforce.contracts",
        """
            insert into raw_salesforce.contracts select * replace (id || '-2' as id,
                'In Approval Process' as status) from raw_salesforce.contracts
                where id = '{id}'
        """,
        "salesforce:contracts:all",
    ),
    "given up after a declined payment": Case(
        "C03",
        "select *, customer_id as customer from canonical.customers"
        " where payment_status = 'past_due' order by customer_id",
        """
            update raw_stripe.invoices set status = 'uncollectible'
                where customer = '{stripe_customer_id}' and status = 'open'
        """,
        "salesforce:account:{salesforce_account_id}",
    ),
    "usage on two invoices": Case(
        "U02",
        USED,
        """
            insert into raw_stripe.invoice_lines select * replace (id || '-2' as id,
                '{later}' as invoice, 0 as amount, 0 as discount_amount,
                quantity - 1 as quantity) from raw_stripe.invoice_lines
                where id = '{invoice_line_id}';
            update raw_stripe.invoice_lines set quantity = 1
                where id = '{invoice_line_id}'
        """,
        "stripe:invoice:{invoice_id}",
    ),
    "seats at less than a cent": Case(
        "S13",
        "select segments.*, segments.customer_id as customer,"
        " split_part(segment_id, ':', 1) as line"
        " from canonical.contract_segments as segments"
        " inner join canonical.customers using (customer_id)"
        " where is_recurring and is_active and segments.currency = 'USD'"
        " and discount_basis_points = 0 and contract_id in (select contract_id from"
        " canonical.contract_segments group by 1 having count(*) = count(distinct"
        " split_part(segment_id, ':', 1))) order by segment_id",
        """
            update raw_salesforce.subscriptions set sbqq__quantity__c = 10000,
                sbqq__net_price__c = 0.125 where id = '{line}'
        """,
        "concord:customer:{customer}",
    ),
    "a second currency": Case(
        "S13",
        "select *, customer_id as customer, split_part(segment_id, ':', 1) as line"
        " from canonical.contract_segments where is_recurring and currency = 'USD'"
        " and starts_on < date '2026-04-01' and ends_before > date '2026-10-31'"
        " order by segment_id",
        """
            insert into raw_salesforce.contracts select * replace (id || '-3' as id,
                'EUR' as currency_iso_code, id as master_contract__c)
                from raw_salesforce.contracts where id = '{contract_id}';
            insert into raw_salesforce.subscriptions select * replace (id || '-3' as
                id, '{contract_id}-3' as sbqq__contract__c,
                date '2026-06-15' as sbqq__subscription_start_date__c)
                from raw_salesforce.subscriptions where id = '{line}'
        """,
        "concord:customer:{customer}",
    ),
}
# Name, website and tax number of companies that are strangers to each other.
STRANGERS = (
    ("Bäckerei Huber", "t-online.de", None),
    ("Zahnarzt Dr. Klein", "t-online.de", None),
    ("Siemens Energy AG", "siemens.example", "DE111111111"),
    ("Siemens Healthineers AG", "siemens.example", "DE222222222"),
    ("Muster GmbH", "muster.example", "DE333333333"),
    ("Muster AG", "muster.example", "DE444444444"),
    ("Caritas Nord", "nord.example", "EXEMPT"),
    ("Caritas West", "west.example", "exempt"),
    ("Diakonie Nord", "diakonie.example", "000000"),
    ("Hospiz West", "hospiz.example", "00-00-00"),
)
# A check of our own sums: its table, and a value there that none of our models makes.
IDENTITIES = {
    "R19": (
        "rec_revenue__billing__calculated_billings",
        """
            insert into revenue.revenue_balances_monthly by name
                select 'K' as contract_id, 'US' as entity, 'C' as customer_id,
                    'USD' as currency, 'deferred' as account_role,
                    date '2026-10-01' as month, 0 as opening_minor,
                    -1 as movement_minor, -1 as closing_minor
        """,
    ),
    "X03": (
        "rec_revenue__contracts__backlog",
        """
            delete from revenue.revenue_holds;
            insert into marts.bridge_billed_lines by name
                select 'stripe' as billing_system, 'I' as invoice_id, agreement_id,
                    legal_entity_code, currency, date '2026-10-01' as month,
                    'contracted' as kind, 1 as amount_minor, 1 as lines_count
                from marts.bridge_agreements
        """,
    ),
    "P08": (
        "rec_marts__metrics__values",
        "update marts.arr_monthly set closing_usd_minor = closing_usd_minor + 1",
    ),
    "S13": (
        "rec_arr_movements__contracts__closing",
        """
            update marts.arr_movements set closing_minor = closing_minor + 1
                where closing_minor > 0
        """,
    ),
    "R02": (
        "rec_revenue__revenue__schedules",
        """
            update revenue.revenue_schedules set planned_minor = planned_minor + 1
                where planned_minor > 0
        """,
    ),
    "R05": (
        "rec_revenue__invoices__deferred_rollforward",
        """
            update revenue.revenue_recognized_monthly set recognized_minor =
                recognized_minor + 1 where recognized_minor > 0
        """,
    ),
}
