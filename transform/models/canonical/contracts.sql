with

    signed as (select * from {{ ref("int_contracts__signed") }}),

    segments as (select * from {{ ref("int_contracts__segments") }}),

    orders as (select * from {{ ref("int_orders__booked") }}),

    -- Two contracts of one customer for one product at one time are one contract: the
    -- later is an amendment of the earlier.
    overlapping as (
        select
            later.salesforce_contract_id,
            earlier.salesforce_contract_id as earlier_contract_id,
            row_number() over (
                partition by later.salesforce_contract_id
                order by
                    min(earlier.starts_on),
                    {{ by_bytes("earlier.salesforce_contract_id") }}
            ) as overlap_rank
        from segments as later
        inner join
            segments as earlier
            on earlier.customer_id = later.customer_id
            and earlier.sku = later.sku
            and earlier.salesforce_contract_id <> later.salesforce_contract_id
            and earlier.starts_on < later.ends_before
            and earlier.ends_before > later.starts_on
        inner join
            signed as later_contract
            on later_contract.salesforce_contract_id = later.salesforce_contract_id
        inner join
            signed as earlier_contract
            on earlier_contract.salesforce_contract_id = earlier.salesforce_contract_id
        where
            later_contract.starts_on > earlier_contract.starts_on
            or (
                later_contract.starts_on = earlier_contract.starts_on
                and later_contract.created_at > earlier_contract.created_at
            )
        group by later.salesforce_contract_id, earlier.salesforce_contract_id
    ),

    derived as (
        select
            signed.salesforce_contract_id,
            coalesce(
                signed.master_contract_id, overlapping.earlier_contract_id
            ) as master_contract_id
        from signed
        left join
            overlapping
            on overlapping.salesforce_contract_id = signed.salesforce_contract_id
            and overlapping.overlap_rank = 1
    ),

    ordered as (
        select salesforce_contract_id, {{ sum_minor("total_minor") }} as total_minor
        from orders
        group by salesforce_contract_id
    )

select
    signed.salesforce_contract_id as contract_id,
    signed.customer_id,
    signed.legal_entity_code,
    signed.contract_number,
    lower(signed.status) as status,
    signed.starts_on,
    signed.ends_on,
    signed.currency,
    coalesce(ordered.total_minor, 0) as total_minor,
    signed.monthly_minimum_minor,
    signed.salesforce_contract_id,
    {{ golden_record() }}
from signed
inner join derived on derived.salesforce_contract_id = signed.salesforce_contract_id
left join ordered on ordered.salesforce_contract_id = signed.salesforce_contract_id
