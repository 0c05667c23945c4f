with

    lines as (select * from {{ ref("revenue_journal_draft_lines") }}),

    recorded as (select * from {{ ref("revenue_closed_lines") }}),

    entities as (select * from {{ ref("legal_entities") }}),

    journal_lines as (select * from {{ ref("journal_lines") }}),

    sealed as (
        select
            entity,
            currency,
            month,
            count(*) as line_count,
            max(closed_on) as closed_on,
            {{
                dbt.hash(
                    dbt.listagg(
                        "journal_line_id || ':' || cast(direction as varchar)",
                        "','",
                        "order by journal_line_id, direction",
                    )
                )
            }} as lines_hash
        from recorded
        group by entity, currency, month
    ),

    batches as (
        select
            journal_batch_id,
            entity,
            currency,
            functional_currency,
            month,
            {{
                sum_minor(
                    "case when functional_minor > 0 then functional_minor else 0 end"
                )
            }} as debit_minor,
            {{ sum_minor("functional_minor") }} as balance_minor,
            min(
                case when account_number is null then account_role end
            ) as unmapped_role,
            min(
                case when erp_account_id is null then account_number end
            ) as missing_account,
            '['
            || {{
                dbt.listagg(
                    "'[\"' || erp_account_id || '\",'"
                    ~ " || cast(functional_minor as varchar)"
                    ~ " || ',\"' || memo || '\"]'",
                    "','",
                    "order by memo",
                )
            }}
            || ']' as erp_lines
        from lines
        group by journal_batch_id, entity, currency, functional_currency, month
    ),

    acknowledged as (
        select
            erp_system,
            external_id as journal_batch_id,
            max(erp_journal_id) as erp_journal_id,
            max(status) as status
        from journal_lines
        group by erp_system, external_id
    ),

    judged as (
        select
            batches.*,
            entities.erp_system,
            entities.erp_entity_id,
            case
                when entities.erp_system is null
                then 'no ERP keeps the books of ' || batches.entity
                when batches.unmapped_role is not null
                then
                    'journal_accounts names no account of '
                    || entities.erp_system
                    || ' for '
                    || batches.unmapped_role
                when batches.missing_account is not null
                then
                    entities.erp_system
                    || ' has no active account '
                    || batches.missing_account
                when batches.balance_minor <> 0
                then 'its debits and credits differ'
            end as held_because
        from batches
        left join entities on entities.legal_entity_code = batches.entity
    )

select
    judged.journal_batch_id,
    judged.entity,
    'primary' as book,
    judged.currency,
    judged.functional_currency,
    judged.month,
    {{ add_days(add_months("judged.month", 1), -1) }} as posts_on,
    sealed.closed_on,
    sealed.line_count,
    judged.debit_minor,
    sealed.lines_hash,
    judged.erp_system,
    judged.held_because,
    judged.functional_currency as journal_currency,
    'Revenue subledger '
    || substring({{ iso_day("judged.month") }}, 1, 7)
    || ', '
    || judged.entity
    || ' in '
    || judged.currency
    || ': '
    || cast(sealed.line_count as varchar)
    || ' lines, hash '
    || sealed.lines_hash as memo,
    case
        when judged.erp_system = 'netsuite' then judged.erp_entity_id
    end as netsuite_subsidiary_id,
    case
        when judged.erp_system = 'netsuite' and judged.held_because is null
        then judged.erp_lines
    end as netsuite_lines,
    case
        when judged.erp_system = 'netsuite' then acknowledged.erp_journal_id
    end as netsuite_journal_id,
    acknowledged.erp_journal_id is not null as is_acknowledged,
    acknowledged.status as erp_status
from judged
inner join sealed using (entity, currency, month)
left join acknowledged using (erp_system, journal_batch_id)
