"""What must hold of money in the canonical layer, whatever a company does.

Judged on the company with every feature, which bills by two systems and books in two.
"""

from typing import Any

# What a billing system holds that its canonical model must show, or hold with a reason.
KEPT = {
    ("raw_stripe.invoices", "status <> 'draft'"): ("invoices", "invoice"),
    ("raw_chargebee.invoices", "status <> 'pending'"): ("invoices", "invoice"),
    ("raw_stripe.payments", "true"): ("payments", "payment"),
    ("raw_chargebee.transactions", "type = 'payment'"): ("payments", "payment"),
    ("raw_stripe.credit_notes", "true"): ("credit_notes", "credit_note"),
    ("raw_chargebee.credit_notes", "true"): ("credit_notes", "credit_note"),
    ("raw_stripe.refunds", "true"): ("refunds", "refund"),
    ("raw_chargebee.transactions", "type = 'refund'"): ("refunds", "refund"),
    ("raw_stripe.disputes", "true"): ("disputes", None),
    ("raw_stripe.payouts", "true"): ("payouts", None),
}


def test_both_billing_systems_bill(rich: Any) -> None:
    """The laws below would say nothing of a system that has no invoices."""
    found = rich.rows(
        "select billing_system, count(distinct legal_entity_code), count(*) > 50"
        " from canonical.invoices group by all order by 1"
    )

    assert found == [("chargebee", 1, True), ("stripe", 2, True)]


def test_lines_sum_to_their_invoice(rich: Any) -> None:
    """Net and tax of an invoice are those of its lines, to the minor unit."""
    different = rich.rows(
        """
        select invoices.invoice_id from canonical.invoices
        left join (
            select invoice_id, sum(net_minor) as net, sum(tax_minor) as tax
            from canonical.invoice_lines group by all
        ) as lines using (invoice_id)
        where net_minor <> coalesce(net, 0) or tax_minor <> coalesce(tax, 0)
            or total_minor <> net_minor + tax_minor + rounding_minor
        """
    )

    assert different == []


def test_an_invoice_is_paid_credited_written_off_or_open(rich: Any) -> None:
    """Together these four are its total; a void one has nothing open."""
    different = rich.rows(
        """
        select invoice_id from canonical.invoices
        where case when status = 'void' then open_minor <> 0
            else total_minor
                <> paid_minor + credited_minor + written_off_minor + open_minor end
            or status = 'paid' and open_minor <> 0
            or status = 'open' and open_minor <= 0
        """
    )

    assert different == []


def test_allocations_explain_each_invoice(rich: Any) -> None:
    """What is paid and credited of an invoice is what was allocated to it."""
    different = rich.rows(
        """
        select invoice_id, paid_minor, credited_minor, paid, credited
        from canonical.invoices
        left join (
            select invoice_id,
                sum(case when source_type = 'payment' then allocated_minor else 0 end)
                    as paid,
                sum(case when source_type = 'payment' then 0 else allocated_minor end)
                    as credited
            from canonical.payment_allocations group by all
        ) using (invoice_id)
        where paid_minor <> coalesce(paid, 0)
            or credited_minor <> coalesce(credited, 0)
        """
    )

    assert different == []


def test_nothing_is_allocated_twice(rich: Any) -> None:
    """Neither a payment nor a credit note settles more than it brought."""
    exceeded = rich.rows(
        """
        with allocated as (
            select coalesce(payment_id, credit_note_id) as source_id,
                sum(allocated_minor) as allocated_minor
            from canonical.payment_allocations group by all
        ), brought as (
            select payment_id as source_id, received_minor as brought_minor
            from canonical.payments
            union all
            select credit_note_id, pre_payment_minor + balance_minor
            from canonical.credit_notes
        )
        select source_id from allocated left join brought using (source_id)
        where allocated_minor > coalesce(brought_minor, 0)
        """
    )

    assert exceeded == []


def test_a_credit_note_is_settled_whole(rich: Any) -> None:
    """Its four ways of settlement make its total, and its lines its net amount."""
    different = rich.rows(
        """
        select credit_note_id from canonical.credit_notes
        left join (
            select credit_note_id, sum(net_minor) as net
            from canonical.credit_note_lines group by all
        ) using (credit_note_id)
        where total_minor <> pre_payment_minor + refunded_minor + balance_minor
                + out_of_band_minor
            or net_minor <> coalesce(net, net_minor)
        """
    )

    assert different == []
    assert rich.rows(
        "select distinct billing_system from canonical.credit_note_lines"
        " where applies_to_line is not null"
    )


def test_what_a_credit_note_refunds_is_a_refund(rich: Any) -> None:
    """Each refunded amount is that of the refunds that name the credit note."""
    different = rich.rows(
        """
        select credit_note_id, refunded_minor, refunds.minor
        from canonical.credit_notes
        left join (
            select credit_note_id, sum(amount_minor) as minor
            from canonical.refunds where status = 'succeeded' group by all
        ) as refunds using (credit_note_id)
        where refunded_minor <> coalesce(refunds.minor, 0)
        """
    )

    assert different == []


def test_a_payout_is_the_sum_of_its_lines(rich: Any) -> None:
    """What the bank receives is what moved, less the fees, to the minor unit."""
    different = rich.rows(
        """
        select payout_id from canonical.payouts
        where is_automatic and (
            amount_minor is distinct from net_minor
            or net_minor is distinct from gross_minor - fee_minor
        )
        union all
        select payout_line_id from canonical.payout_lines
        where net_minor <> amount_minor - fee_minor
        """
    )

    assert different == []
    assert rich.rows("select count(*) > 50 from canonical.payouts") == [(True,)]


def test_a_dispute_takes_and_returns_what_the_balance_shows(rich: Any) -> None:
    """A lost dispute has taken its amount, and a won one nothing."""
    found = rich.rows(
        "select status, withdrawn_minor, amount_minor, withdrawn_on, returned_on"
        " from canonical.disputes"
    )

    assert found
    for status, withdrawn, amount, withdrawn_on, returned_on in found:
        assert withdrawn_on is not None
        assert withdrawn == (0 if status == "won" else amount)
        assert (returned_on is not None) == (status == "won")


def test_a_dispute_is_in_its_last_status(rich: Any) -> None:
    """The stretch without an end says what the dispute says."""
    different = rich.rows(
        "select dispute_id from canonical.disputes full join ("
        " select dispute_id, status from canonical.dispute_statuses"
        " where replaced_at is null) as last using (dispute_id)"
        " where disputes.status is distinct from last.status"
    )

    assert different == []


def test_the_ledger_balances(rich: Any) -> None:
    """In each entity's books, and in each document, debits are credits."""
    unbalanced = rich.rows(
        "select legal_entity_code, document_id from canonical.gl_entries group by all"
        " having sum(debit_minor) <> sum(credit_minor)"
    )

    assert unbalanced == []
    assert rich.rows(
        "select legal_entity_code from canonical.gl_entries group by 1 order by 1"
    ) == [("DE",), ("UK",), ("US",)]


def test_the_ledger_has_what_billing_invoiced(rich: Any) -> None:
    """The receivable that each ERP posts for an invoice is billing's total."""
    different = rich.rows(
        """
        with posted as (
            select invoice_id, legal_entity_code, currency,
                sum(debit_minor - credit_minor) as posted_minor
            from canonical.gl_entries
            where document_type = 'Invoice' and account_role = 'receivable'
            group by all
        )
        select invoices.invoice_id
        from (select * from canonical.invoices where status <> 'void') as invoices
        left join posted using (invoice_id, legal_entity_code, currency)
        where total_minor is distinct from posted_minor
        """
    )

    assert different == []


def test_every_entry_is_in_a_period_of_its_entity(rich: Any) -> None:
    """It has one, of its own books, that contains its day."""
    misplaced = rich.rows(
        """
        select gl_entry_id from canonical.gl_entries
        left join canonical.fiscal_periods
            using (fiscal_period_id, legal_entity_code)
        where starts_on is null
            or posted_on not between starts_on and ends_before - 1
        """
    )

    assert misplaced == []
    assert {
        status
        for (status,) in rich.rows(
            "select distinct status from canonical.fiscal_periods"
            " where source_system = 'netsuite'"
        )
    } == {"open", "closed"}


def test_every_raw_row_is_canonical_or_held(rich: Any) -> None:
    """Nothing that a system holds of money is lost on the way."""
    lost = {}
    for (table, where), (model, held) in KEPT.items():
        system = table.partition(".")[0].removeprefix("raw_")
        [(raw,)] = rich.rows(
            f"select count(*) from {table} where not is_deleted and {where}"
        )
        [(canonical,)] = rich.rows(
            f"select count(*) from canonical.{model} where billing_system = '{system}'"
        )
        if held is not None:
            [(waiting,)] = rich.rows(
                f"select count(*) from intermediate.int_held__{held}s"
                f" where system = '{system}'"
            )
            canonical += waiting
        assert raw, table
        if raw != canonical:
            lost[table, model] = (raw, canonical)

    assert lost == {}


def test_every_line_of_a_ledger_is_canonical_or_held(rich: Any) -> None:
    """All that the ERPs have posted: what was voided is in the ledger no more."""
    raw = rich.rows(
        """
        select 'business_central', count(*)
        from raw_business_central.general_ledger_entries where not is_deleted
        union all
        select 'netsuite', count(*) from (
            select lines.id from raw_netsuite.invoice_lines as lines
            inner join raw_netsuite.invoices as invoices
                on invoices.id = lines.transaction
            where not lines.is_deleted and invoices.status <> 'Invoice : Voided'
            union all
            select id from raw_netsuite.journal_lines where not is_deleted
        )
        order by 1
        """
    )

    counted = rich.rows(
        """
        select system, count(*) from (
            select erp_system as system from canonical.gl_entries
            union all
            select system from intermediate.int_held__gl_entries
        ) group by 1 order by 1
        """
    )

    assert counted == raw
    assert all(count > 100 for _, count in raw)


def test_a_company_without_mistakes_has_nothing_held(rich: Any) -> None:
    """A rule that holds what is right would hide money."""
    held = rich.rows(
        " union all ".join(
            f"select record_id, reason from intermediate.int_held__{what}"
            for what in (
                "invoices",
                "payments",
                "credit_notes",
                "refunds",
                "gl_entries",
            )
        )
    )

    assert held == []


def test_the_marts_add_up_both_systems(rich: Any) -> None:
    """What all invoices billed is revenue, was taken back, or is still deferred."""
    invoiced = rich.rows(
        "select currency, sum(net_minor) from canonical.invoice_lines"
        " group by 1 order by 1"
    )
    accounted = rich.rows(
        "select currency, sum(billings_minor + held_billings_minor)"
        " from marts.deferred_revenue_monthly group by 1 order by 1"
    )
    systems = rich.rows(
        "select distinct billing_system from canonical.invoice_lines as lines"
        " left join marts.unposted_invoice_lines using (invoice_line_id)"
        " where unposted_invoice_lines.invoice_line_id is null order by 1"
    )

    assert accounted == invoiced
    assert systems == [("chargebee",), ("stripe",)]


def test_a_rate_is_what_its_source_says(rich: Any) -> None:
    """A spot rate is the ERP's own, digit by digit, and a budget rate the seed's."""
    different = rich.rows(
        """
        select source_id from canonical.exchange_rates as rates
        left join raw_netsuite.exchange_rates as raw
            on raw.id = rates.source_id and rates.source_system = 'netsuite'
        left join staging.currencies as seed
            on seed.currency = rates.from_currency and rates.rate_type = 'budget'
        where rates.rate <> coalesce(
            cast(record::json->>'exchangerate' as decimal(20, 10)),
            usd_micros_per_minor * minor_per_major * 0.00000001::decimal(20, 10),
            1
        )
        """
    )

    assert different == []
    assert rich.rows(
        "select rate_type, count(*) > 3 from canonical.exchange_rates"
        " where from_currency <> to_currency group by 1 order by 1"
    ) == [("budget", False), ("spot", True)]
