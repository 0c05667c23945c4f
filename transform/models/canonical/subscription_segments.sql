with

    known as (select * from {{ ref("int_subscriptions__segments") }}),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    lines as (select * from {{ ref("int_contracts__lines") }}),

    records as (select * from {{ ref("customer_records") }}),

    -- Several lines of a contract may share an item: then it is none of them alone.
    lined as (
        select
            known.billing_system,
            known.subscription_id,
            known.price_id,
            known.valid_from,
            min(lines.salesforce_subscription_id) as contract_line_id
        from known
        inner join subscriptions using (billing_system, subscription_id)
        inner join
            lines
            on lines.salesforce_contract_id = subscriptions.salesforce_contract_id
            and lines.sku = known.sku
            and lines.starts_on <= known.valid_from
            and lines.ends_before > known.valid_from
        group by
            known.billing_system,
            known.subscription_id,
            known.price_id,
            known.valid_from
        having
            min(lines.salesforce_subscription_id)
            = max(lines.salesforce_subscription_id)
    )

select
    known.subscription_id
    || ':'
    || known.price_id
    || ':'
    || cast(known.discount_basis_points as {{ dbt.type_string() }})
    || ':'
    || {{ iso_day("known.valid_from") }}
    || case when known.is_paused then ':paused' else '' end
    || coalesce(
        ':' || cast(known.recorded_to as {{ dbt.type_string() }}), ''
    ) as segment_id,
    known.subscription_id,
    known.billing_system,
    records.customer_id,
    subscriptions.salesforce_contract_id as contract_id,
    lined.contract_line_id,
    known.price_id,
    known.sku as product_id,
    known.meter_id,
    known.quantity,
    known.discount_basis_points,
    known.list_minor,
    known.discount_minor,
    known.net_minor,
    known.list_arr_minor - known.discount_arr_minor as arr_minor,
    {{ div_half_up("(known.list_arr_minor - known.discount_arr_minor)", "12") }}
    as mrr_minor,
    known.currency,
    known.billing_interval,
    known.interval_count,
    known.valid_from,
    known.valid_to,
    known.recorded_from,
    known.recorded_to,
    known.is_recurring,
    known.is_trial,
    known.is_paused
from known
inner join subscriptions using (billing_system, subscription_id)
left join lined using (billing_system, subscription_id, price_id, valid_from)
left join
    records
    on records.system = known.billing_system
    and records.record_id = subscriptions.billing_customer_id
