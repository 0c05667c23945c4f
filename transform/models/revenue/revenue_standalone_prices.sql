with

    entries as (select * from {{ ref("price_book_entries") }} where is_standard),

    products as (select * from {{ ref("products") }}),

    -- Two entries of one day must agree; otherwise neither is approved.
    dated as (
        select
            product_id,
            currency,
            {{ utc_date("valid_from") }} as valid_from,
            min(list_minor) as lowest_minor,
            max(list_minor) as highest_minor,
            max(case when is_active then 1 else 0 end) as active_count
        from entries
        group by product_id, currency, {{ utc_date("valid_from") }}
    )

select
    dated.product_id,
    dated.currency,
    -- The price list of the start holds for what was sold before it was kept.
    case
        when
            dated.valid_from
            = min(dated.valid_from) over (partition by dated.product_id, dated.currency)
        then {{ first_day() }}
        else dated.valid_from
    end as valid_from,
    dated.lowest_minor as low_minor,
    dated.highest_minor as mid_minor,
    dated.highest_minor as high_minor,
    case products.revenue_type when 'recurring' then 'month' else 'unit' end as per,
    dated.active_count = 1 and dated.lowest_minor = dated.highest_minor as is_approved
from dated
inner join products using (product_id)
