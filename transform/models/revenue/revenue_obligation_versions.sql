with recursive

    terms as (select * from {{ ref("revenue_version_terms") }}),

    states as (
        -- Before the contract there is nothing.
        select
            accounting_contract_id,
            cast(0 as bigint) as version_no,
            obligation_key,
            method,
            starts_on,
            effective_on as goes_on_from,
            starts_on as from_on,
            cast(1 as bigint) as segment_months,
            cast(0 as bigint) as units_before,
            starts_on as ssp_from_on,
            cast(1 as bigint) as ssp_segment_months,
            cast(0 as bigint) as ssp_units_before,
            signed_ends_before as ends_before,
            signed_total_units as total_units,
            cast(0 as bigint) as price_minor,
            cast(0 as bigint) as reduced_minor,
            cast(0 as bigint) as contra_minor,
            cast(0 as bigint) as base_minor,
            cast(0 as bigint) as pool_minor,
            cast(0 as bigint) as ssp_minor,
            cast(0 as bigint) as whole_ssp_minor,
            false as is_active,
            false as is_closed,
            cast(0 as bigint) as recognized_minor,
            cast(null as varchar) as fault
        from terms
        where version_no = 1

        union all

        select
            accounting_contract_id,
            version_no,
            obligation_key,
            method,
            new_starts_on as starts_on,
            new_goes_on_from as goes_on_from,
            {{ version_segment() }},
            {{ version_segment("ssp_") }},
            new_ends_before as ends_before,
            new_total_units as total_units,
            new_price_minor as price_minor,
            reduced_minor + lowered_minor as reduced_minor,
            contra_minor + contra_added_minor as contra_minor,
            case
                when step = 'kept'
                then base_minor
                when step = 'whole'
                then contra_minor
                else recognized_minor
            end as base_minor,
            case
                when step = 'kept'
                then pool_minor
                when treatment in ('reduction', 'pause')
                then
                    base_minor
                    + pool_minor
                    - recognized_minor
                    - lowered_minor
                    + contra_added_minor
                when not is_open
                then cast(0 as bigint)
                when step = 'whole' and treatment = 'combined'
                then recognized_minor - contra_minor + share_minor
                else share_minor
            end as pool_minor,
            case
                when ssp_step = 'kept'
                then ssp_minor
                when ssp_step = 'whole'
                then new_whole_ssp_minor
                else rest_ssp_minor
            end as ssp_minor,
            new_whole_ssp_minor as whole_ssp_minor,
            new_is_active as is_active,
            new_is_closed as is_closed,
            recognized_minor,
            cast(fault as varchar) as fault
        from ({{ revenue_version_segments("states", "terms") }}) as stepped
    )

select
    terms.contract_id,
    states.accounting_contract_id,
    states.version_no,
    terms.effective_on,
    terms.event_id,
    terms.treatment,
    states.obligation_key,
    terms.obligation_id,
    states.method,
    states.from_on,
    states.goes_on_from,
    states.ends_before,
    states.segment_months,
    states.total_units,
    states.units_before,
    states.base_minor,
    states.pool_minor,
    states.base_minor + states.pool_minor - states.contra_minor as allocated_minor,
    states.recognized_minor as recognized_before_minor,
    states.contra_minor,
    states.reduced_minor,
    states.ssp_minor,
    states.price_minor,
    terms.is_added,
    states.fault
from states
inner join terms using (accounting_contract_id, version_no, obligation_key)
where states.is_active
