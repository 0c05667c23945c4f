with

    lines as (select * from {{ ref("int_contracts__lines") }}),

    bounded as (
        select
            *,
            case
                when discount_basis_points = 0
                then starts_on
                -- A discount without months holds for the whole term.
                when discount_ends_before is null
                then ends_before
                else least(greatest(discount_ends_before, starts_on), ends_before)
            end as full_price_from
        from lines
        where starts_on < ends_before
    ),

    segments as (
        select
            salesforce_subscription_id,
            starts_on,
            full_price_from as ends_before,
            discount_basis_points
        from bounded
        where starts_on < full_price_from

        union all

        select
            salesforce_subscription_id,
            full_price_from as starts_on,
            ends_before,
            cast(0 as bigint) as discount_basis_points
        from bounded
        where full_price_from < ends_before
    ),

    priced as (
        select
            segments.salesforce_subscription_id
            || ':'
            || {{ iso_day("segments.starts_on") }} as segment_id,
            bounded.salesforce_subscription_id,
            bounded.salesforce_contract_id,
            bounded.customer_id,
            bounded.legal_entity_code,
            bounded.sku,
            bounded.currency,
            bounded.is_recurring,
            bounded.quantity,
            bounded.unit_minor,
            segments.starts_on,
            segments.ends_before,
            segments.discount_basis_points,
            bounded.gross_arr_minor
        from segments
        inner join bounded using (salesforce_subscription_id)
    ),

    discounted as (
        select
            *,
            gross_arr_minor
            - {{ div_half_up("gross_arr_minor * discount_basis_points", "10000") }}
            as arr_minor
        from priced
    )

select *, {{ div_half_up("arr_minor", "12") }} as mrr_minor
from discounted
