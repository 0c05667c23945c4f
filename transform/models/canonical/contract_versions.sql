with

    versions as (select * from {{ ref("int_contracts__versions") }}),

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    segments as (select * from {{ ref("int_contracts__segments") }}),

    in_force as (
        select
            versions.salesforce_contract_id,
            versions.version_number,
            versions.recorded_from,
            {{ sum_minor("segments.arr_minor") }} as arr_minor
        from versions
        left join
            segments
            on segments.salesforce_contract_id = versions.salesforce_contract_id
            and segments.starts_on <= versions.valid_from
            and segments.ends_before > versions.valid_from
        group by
            versions.salesforce_contract_id,
            versions.version_number,
            versions.recorded_from
    )

select
    versions.salesforce_contract_id as contract_id,
    versions.version_number,
    contracts.customer_id,
    contracts.legal_entity_code,
    versions.change,
    versions.salesforce_order_id as order_id,
    versions.salesforce_quote_id as quote_id,
    versions.valid_from,
    versions.valid_to,
    versions.recorded_from,
    versions.recorded_to,
    versions.recorded_to is null as is_current,
    versions.term_ends_before,
    versions.payment_terms,
    contracts.purchase_order_number,
    contracts.is_auto_renewed,
    contracts.renewal_notice_days,
    in_force.arr_minor,
    contracts.currency,
    'salesforce' as system,
    versions.salesforce_contract_id as record_id
from versions
inner join contracts using (salesforce_contract_id)
inner join in_force using (salesforce_contract_id, version_number, recorded_from)
