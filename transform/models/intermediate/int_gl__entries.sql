with

    lines as (select * from {{ ref("int_gl__lines") }}),

    accounts as (select * from {{ ref("int_gl__accounts") }}),

    periods as (select * from {{ ref("int_fiscal_periods__kept") }}),

    entities as (
        select *, count(erp_entity_id) over (partition by erp_system) as held_count
        from {{ ref("int_legal_entities__known") }}
        where erp_entity_id is not null
    ),

    currencies as (select * from {{ ref("currencies") }}),

    placed as (
        select
            lines.*,
            entities.legal_entity_code,
            accounts.gl_account_id,
            accounts.account_role,
            coalesce(lines.currency, entities.functional_currency) as book_currency
        from lines
        -- Who keeps books for one entity alone need not say for which.
        left join
            entities
            on entities.erp_system = lines.erp_system
            and (
                entities.erp_entity_id = lines.erp_entity_id
                or (lines.erp_entity_id is null and entities.held_count = 1)
            )
        left join
            accounts
            on accounts.erp_system = lines.erp_system
            and accounts.erp_account_id = lines.erp_account_id
    ),

    counted as (
        select
            placed.*,
            {{ to_minor("placed.signed_amount", "currencies.minor_per_major") }}
            as signed_minor,
            case
                when placed.legal_entity_code is null
                then 'unknown_entity'
                when placed.gl_account_id is null
                then 'unknown_account'
                when currencies.currency is null
                then 'currency_without_rate'
            end as line_held_for
        from placed
        left join currencies on currencies.currency = placed.book_currency
    ),

    -- A document is posted whole or held whole: half of one would not balance.
    weighed as (
        select
            *,
            max(line_held_for) over (
                partition by erp_system, erp_entity_id, document_id
            ) as document_held_for,
            sum(signed_minor) over (
                partition by erp_system, erp_entity_id, document_id, book_currency
            ) as document_minor
        from counted
    )

select
    weighed.erp_system || ':' || weighed.erp_entry_id as gl_entry_id,
    weighed.erp_system,
    weighed.erp_entry_id,
    weighed.legal_entity_code,
    coalesce(
        stated_periods.fiscal_period_id, dated_periods.fiscal_period_id
    ) as fiscal_period_id,
    weighed.posted_on,
    weighed.gl_account_id,
    weighed.erp_account_id,
    weighed.account_role,
    weighed.document_type,
    weighed.document_id,
    weighed.document_number,
    weighed.invoice_id,
    weighed.description,
    weighed.book_currency as currency,
    weighed.signed_minor,
    coalesce(
        weighed.document_held_for,
        case when weighed.document_minor <> 0 then 'unbalanced_document' end
    ) as held_for
from weighed
left join
    periods as stated_periods
    on stated_periods.legal_entity_code = weighed.legal_entity_code
    and stated_periods.source_id = weighed.netsuite_period_id
left join
    periods as dated_periods
    on dated_periods.legal_entity_code = weighed.legal_entity_code
    and not dated_periods.is_adjustment
    and dated_periods.starts_on
    <= case when weighed.netsuite_period_id is null then weighed.posted_on end
    and dated_periods.ends_before > weighed.posted_on
