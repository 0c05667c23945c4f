with

    charges as (
        select * from {{ ref("usage_charges") }} where amount_minor is not null
    ),

    usage_days as (select * from {{ ref("usage_days") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    charge_months as (
        select
            charges.*,
            months.month,
            least(months.closes_before, charges.ends_before) as counted_before,
            least(charges.ends_before, {{ add_days(as_of(), 1) }}) as charged_before
        from charges
        inner join
            months
            on months.closes_before > charges.starts_on
            and months.month < charges.ends_before
    ),

    counted as (
        select
            charge_months.usage_charge_id,
            charge_months.month,
            sum(usage_days.quantity) as charged_quantity,
            sum(
                case
                    when usage_days.used_on < charge_months.counted_before
                    then usage_days.quantity
                    else 0
                end
            ) as counted_quantity
        from charge_months
        inner join
            usage_days
            on usage_days.billing_system = charge_months.billing_system
            and usage_days.billing_customer_id = charge_months.billing_customer_id
            and usage_days.meter_id = charge_months.meter_id
            and usage_days.used_on >= charge_months.starts_on
            and usage_days.used_on < charge_months.charged_before
            and coalesce(usage_days.subscription_id, charge_months.subscription_id)
            = charge_months.subscription_id
        group by charge_months.usage_charge_id, charge_months.month
    ),

    -- Of a period that two months share each has the part of its units; where nobody
    -- counts by day, of its days.
    earned as (
        select
            charge_months.*,
            case
                when counted.charged_quantity > 0
                then
                    {{
                        share_minor(
                            "charge_months.amount_minor",
                            "cast(counted.counted_quantity * 1000000 as bigint)",
                            "cast(counted.charged_quantity * 1000000 as bigint)",
                        )
                    }}
                else
                    {{
                        share_minor(
                            "charge_months.amount_minor",
                            days_between(
                                "charge_months.starts_on",
                                "charge_months.counted_before",
                            ),
                            days_between(
                                "charge_months.starts_on",
                                "charge_months.charged_before",
                            ),
                        )
                    }}
            end as earned_to_date_minor
        from charge_months
        left join counted using (usage_charge_id, month)
    )

select
    usage_charge_id,
    month,
    subscription_id,
    product_id,
    starts_on,
    ends_before,
    {{ add_days("counted_before", -1) }} as used_on,
    earned_to_date_minor - lag(earned_to_date_minor, 1, cast(0 as bigint)) over (
        partition by usage_charge_id order by month
    ) as amount_minor
from earned
