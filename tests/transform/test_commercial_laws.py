"""What must be true of quotes, orders, contracts and signals of any company."""

from typing import Any

import pytest

# Raw table, canonical model, its column with the raw id, what the raw table must say.
KEPT = (
    ("salesforce.opportunities", "opportunities", "record_id", "true"),
    ("salesforce.opportunity_line_items", "opportunity_lines", "record_id", "true"),
    ("salesforce.quotes", "quotes", "record_id", "true"),
    ("salesforce.quote_lines", "quote_lines", "record_id", "true"),
    ("salesforce.orders", "orders", "record_id", "true"),
    ("salesforce.order_items", "order_lines", "record_id", "true"),
    ("salesforce.contracts", "contracts", "contract_id", "status <> 'Draft'"),
    ("salesforce.contracts", "contract_versions", "record_id", "status <> 'Draft'"),
    (
        "salesforce.subscriptions",
        "contract_segments",
        "split_part(segment_id, ':', 1)",
        # The step of a ramp that a termination came before was never in force.
        "sbqq__subscription_start_date__c <= sbqq__subscription_end_date__c",
    ),
    ("salesforce.pricebook_entries", "price_book_entries", "record_id", "true"),
    ("salesforce.product_options", "bundle_components", "record_id", "true"),
    ("salesforce.leads", "leads", "record_id", "true"),
    ("hubspot.leads", "leads", "hubspot_lead_id", "true"),
    ("salesforce.campaigns", "campaigns", "record_id", "true"),
    ("salesforce.campaign_members", "campaign_touches", "record_id", "true"),
    ("zendesk.tickets", "tickets", "record_id", "true"),
    ("vitally.accounts", "health_scores", "record_id", "health_score is not null"),
    ("vitally.notes", "renewal_signals", "record_id", "true"),
)
OWNED = (
    *("opportunities", "opportunity_lines", "quotes", "quote_lines", "orders"),
    *("order_lines", "contract_versions", "contract_modifications"),
    *("tickets", "health_scores", "renewal_signals"),
)


@pytest.mark.parametrize(("raw", "model", "column", "condition"), KEPT)
def test_every_raw_row_is_in_its_canonical_model_or_held(
    rich: Any, raw: str, model: str, column: str, condition: str
) -> None:
    """Nothing that a system holds gets lost on the way, and there is something."""
    held = "select record_id from canonical.held_rows"

    missing = rich.rows(
        f"select id from raw_{raw} where not is_deleted and {condition}"
        f" and id not in (select {column} from canonical.{model})"
        f" and id not in ({held})"
    )

    assert missing == []
    assert rich.rows(f"select count(*) > 0 from canonical.{model}") == [(True,)]


@pytest.mark.parametrize("model", OWNED)
def test_every_row_of_a_company_without_mistakes_has_its_customer(
    rich: Any, model: str
) -> None:
    """Where all records are linked, no row is nobody's."""
    nobodys = rich.rows(
        f"select record_id from canonical.{model} where customer_id is null"
        f" or customer_id not in (select customer_id from canonical.customers)"
    )

    assert nobodys == []


def test_order_lines_sum_to_the_change_in_what_the_contract_holds(rich: Any) -> None:
    """Bookings are complete: what was ordered is what is in force at the end.

    Of a contract, annual recurring revenue ordered is what its segments hold on its
    last day (nothing, if it was terminated), less what the contract that it renews
    held on its own. Discounts for some months are in neither.
    """
    wrong = rich.rows(
        """
        with booked as (
            select contract_id, sum(arr_delta_minor) as ordered_minor
            from canonical.order_lines group by contract_id
        ),
        renewed as (
            select lines.contract_id, min(former.contract_id) as former_id
            from canonical.order_lines as lines
            inner join canonical.order_lines as former
                on former.order_line_id = lines.supersedes_line_id
            where former.contract_id <> lines.contract_id
            group by lines.contract_id
        ),
        closing as (
            select contracts.contract_id,
                coalesce(sum(12 * quantity * unit_minor), 0) as held_minor
            from canonical.contracts as contracts
            left join canonical.contract_segments as segments
                on segments.contract_id = contracts.contract_id
                and segments.is_recurring
                and segments.ends_before = contracts.ends_on + 1
                and contracts.status <> 'terminated'
            group by contracts.contract_id
        )
        select closing.contract_id
        from closing
        left join booked using (contract_id)
        left join renewed using (contract_id)
        left join closing as former on former.contract_id = renewed.former_id
        where booked.ordered_minor is distinct from
            closing.held_minor - coalesce(former.held_minor, 0)
        """
    )

    assert wrong == []
    assert rich.rows(
        "select count(*) > 0 from canonical.order_lines where action = 'cancel'"
    ) == [(True,)]


def test_quote_opportunity_and_order_have_one_value(rich: Any) -> None:
    """Lines sum to the quote, and opportunity and order are worth the same."""
    quotes = rich.rows(
        "select quote_id from canonical.quotes as quotes left join"
        " canonical.quote_lines using (quote_id) group by quote_id, net_minor"
        " having sum(total_minor) is distinct from net_minor"
    )
    opportunities = rich.rows(
        "select opportunity_id from canonical.opportunities left join"
        " canonical.opportunity_lines as lines using (opportunity_id)"
        " left join canonical.quotes on quote_id = primary_quote_id"
        " group by opportunity_id, amount_minor, net_minor"
        " having sum(lines.total_minor) is distinct from net_minor"
        " or amount_minor is distinct from net_minor"
    )
    orders = rich.rows(
        "select order_id from canonical.orders inner join canonical.quotes"
        " using (quote_id) left join canonical.order_lines as lines using (order_id)"
        " where lines.quote_line_id is not null group by order_id, net_minor"
        " having sum(tcv_minor) is distinct from net_minor"
    )

    assert (quotes, opportunities, orders) == ([], [], [])


def test_an_action_says_what_the_quantities_do(rich: Any) -> None:
    """More is an upsize, nothing left a cancellation, and only a first line is new."""
    wrong = rich.rows(
        """
        select action, quantity, previous_quantity
        from canonical.order_lines
        where not case action
            when 'new' then previous_quantity = 0 and supersedes_line_id is null
            when 'add' then previous_quantity = 0 and supersedes_line_id is null
            when 'upsize' then quantity > previous_quantity
            when 'downsize' then quantity < previous_quantity and quantity > 0
            when 'cancel' then quantity = 0 and previous_quantity > 0
            when 'renew' then quantity = previous_quantity
                and unit_minor = previous_unit_minor
            when 'price_change' then quantity = previous_quantity
                and unit_minor <> previous_unit_minor
            else true
        end
        """
    )

    assert wrong == []


def test_what_is_taken_back_would_have_lasted_to_the_end_of_the_term(
    rich: Any,
) -> None:
    """A termination takes back whole months of what was held, and no more."""
    found = rich.rows(
        """
        select lines.order_line_id, lines.tcv_minor,
            12 * date_diff('month', lines.starts_on, lines.ends_before)
                * lines.previous_quantity * lines.previous_unit_minor / -12
        from canonical.order_lines as lines
        inner join canonical.orders using (order_id)
        where orders.order_type = 'cancellation' and lines.revenue_type = 'recurring'
        """
    )

    assert [each for each in found if each[1] != each[2]] == []
    assert {tcv < 0 for _, tcv, _ in found} == {True}


def test_versions_tile_the_term_and_never_overlap(rich: Any) -> None:
    """Whenever one asks, on each day of a contract one version is in force.

    What is known today runs from the first day of the contract to the day after its
    last, without a gap; no two rows of a contract share a day and a moment.
    """
    gaps = rich.rows(
        """
        with current_versions as (
            select *, lead(valid_from) over (
                partition by contract_id order by valid_from) as next_from
            from canonical.contract_versions where is_current
        )
        select contract_id
        from canonical.contracts left join current_versions using (contract_id)
        group by contract_id, starts_on, ends_on
        having min(valid_from) is distinct from starts_on
            or max(valid_to) is distinct from ends_on + 1
            or max(case when valid_to <> next_from then 1 else 0 end) = 1
        """
    )
    overlaps = rich.rows(
        """
        select one.contract_id
        from canonical.contract_versions as one
        inner join canonical.contract_versions as other
            on other.contract_id = one.contract_id
            and (other.version_number, other.recorded_from)
                > (one.version_number, one.recorded_from)
            and other.valid_from < one.valid_to
            and one.valid_from < other.valid_to
            and other.recorded_from < coalesce(one.recorded_to, timestamptz '9999-1-1')
            and one.recorded_from < coalesce(other.recorded_to, timestamptz '9999-1-1')
        """
    )

    assert (gaps, overlaps) == ([], [])


def test_prices_of_a_book_follow_each_other(rich: Any) -> None:
    """At any moment an entry has at most one price, and today exactly one."""
    wrong = rich.rows(
        "select price_book_entry_id from canonical.price_book_entries"
        " group by 1 having count(*) - count(valid_to) <> 1"
    )

    assert wrong == []


def test_a_modification_is_what_follows_the_first_version(rich: Any) -> None:
    """Each amending or ending order is one, with the versions on both its sides."""
    orders = rich.rows(
        "select order_id from canonical.orders where status = 'activated' and"
        " contract_id is not null and quote_id is distinct from (select"
        " min(salesforce_quote_id) from staging.stg_salesforce__contracts where"
        " salesforce_contract_id = contract_id) order by 1"
    )

    modifications = rich.rows(
        "select order_id from canonical.contract_modifications order by 1"
    )

    assert modifications == orders
    assert modifications
    assert (
        rich.rows(
            "select order_id from canonical.contract_modifications where"
            " from_version_number is null or from_version_number >= to_version_number"
            " or (to_version_number is null) <> (modification_type = 'cancel_return')"
        )
        == []
    )


def test_what_nobody_decided_on_is_held_and_opens_an_exception(rich: Any) -> None:
    """A modification that neither a person nor a policy decides waits, and is told."""
    undecided = rich.rows(
        "select order_id, tcv_minor from canonical.contract_modifications"
        " where treatment is null order by 1"
    )

    held = rich.rows(
        "select record_id, amount_minor from canonical.held_rows"
        " where reason_code = 'treatment_undecided' order by 1"
    )
    told = rich.rows(
        "select split_part(record_key, ':', 3), difference_minor"
        " from reconciliation.breaks where check_id = 'P04' order by 1"
    )

    assert held == undecided
    assert told == undecided
    assert rich.rows("select coalesce(sum(held_rows), 0) from marts.held_totals") == [
        (len(undecided),)
    ]


def test_a_touch_belongs_to_the_customer_whom_its_lead_became(rich: Any) -> None:
    """A campaign is credited with the customer whose contact answered it."""
    wrong = rich.rows(
        "select campaign_touch_id from canonical.campaign_touches as touches"
        " inner join canonical.leads using (lead_id)"
        " where touches.customer_id is distinct from leads.customer_id"
    )
    unconverted = rich.rows(
        "select lead_id from canonical.leads where is_converted <>"
        " (customer_id is not null)"
    )

    assert (wrong, unconverted) == ([], [])
