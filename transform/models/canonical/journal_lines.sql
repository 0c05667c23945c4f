with

    journals as (
        select * from {{ ref("stg_netsuite__journal_entries") }} where not is_deleted
    ),

    lines as (
        select * from {{ ref("stg_netsuite__journal_lines") }} where not is_deleted
    ),

    entities as (
        select *, count(*) over () as held_count
        from {{ ref("int_legal_entities__known") }}
        where erp_system = 'netsuite' and erp_entity_id is not null
    ),

    currencies as (select * from {{ ref("currencies") }})

select
    'netsuite:' || lines.netsuite_journal_line_id as journal_line_id,
    'netsuite' as erp_system,
    journals.netsuite_journal_id as erp_journal_id,
    journals.external_id,
    journals.number,
    case
        when journals.status like '%Approved for Posting'
        then 'posted'
        when journals.status like '%Pending Approval'
        then 'draft'
        else 'rejected'
    end as status,
    entities.legal_entity_code,
    journals.posted_on,
    lines.line_number,
    lines.netsuite_account_id as erp_account_id,
    lines.memo,
    journals.currency,
    {{ to_minor("lines.signed_amount", "currencies.minor_per_major") }} as amount_minor
from lines
inner join journals using (netsuite_journal_id)
-- Who keeps books for one entity alone need not say for which.
left join
    entities
    on entities.erp_entity_id = lines.netsuite_subsidiary_id
    or (lines.netsuite_subsidiary_id is null and entities.held_count = 1)
left join currencies on currencies.currency = journals.currency
