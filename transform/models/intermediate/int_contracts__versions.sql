with

    changes as (select * from {{ ref("int_contracts__changes") }}),

    -- Each change tells something new: it begins a state of what is known.
    states as (
        select
            salesforce_contract_id,
            change_number as state_number,
            recorded_at as state_recorded_at
        from changes
    ),

    known as (
        select changes.*, states.state_number, states.state_recorded_at
        from changes
        inner join
            states
            on states.salesforce_contract_id = changes.salesforce_contract_id
            and states.state_number >= changes.change_number
    ),

    ends as (
        select
            salesforce_contract_id,
            state_number,
            min(
                case when change = 'termination' then effective_on end
            ) as terminated_before,
            max(
                case when change <> 'termination' then term_ends_before end
            ) as term_ends_before
        from known
        group by salesforce_contract_id, state_number
    ),

    ordered as (
        select
            *,
            lead(effective_on) over (
                partition by salesforce_contract_id, state_number
                order by effective_on, change_number
            ) as next_effective_on
        from known
        where change <> 'termination'
    ),

    stretched as (
        select
            ordered.*,
            least(
                coalesce(ordered.next_effective_on, ends.term_ends_before),
                coalesce(ends.terminated_before, ends.term_ends_before),
                ends.term_ends_before
            ) as valid_to
        from ordered
        inner join ends using (salesforce_contract_id, state_number)
    ),

    compared as (
        select
            *,
            lag(valid_to) over (
                partition by salesforce_contract_id, change_number order by state_number
            ) as previous_valid_to
        from stretched
    ),

    changed as (
        select
            *,
            lead(state_recorded_at) over (
                partition by salesforce_contract_id, change_number order by state_number
            ) as recorded_to
        from compared
        where valid_to is distinct from previous_valid_to
    )

select
    salesforce_contract_id,
    change_number as version_number,
    change,
    salesforce_order_id,
    salesforce_quote_id,
    payment_terms,
    term_ends_before,
    effective_on as valid_from,
    valid_to,
    state_recorded_at as recorded_from,
    recorded_to
from changed
where
    effective_on < valid_to and (recorded_to is null or state_recorded_at < recorded_to)
