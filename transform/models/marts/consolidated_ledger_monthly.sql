with

    entries as (select * from {{ ref("gl_entries") }}),

    accounts as (select * from {{ ref("gl_accounts") }}),

    purposes as (select * from {{ ref("intercompany_accounts") }}),

    eliminations as (select * from {{ ref("intercompany_eliminations") }}),

    lines as (
        select
            {{ first_of_month("entries.posted_on") }} as month,
            entries.currency,
            case
                when purposes.purpose is not null
                then 'intercompany ' || purposes.purpose
                else coalesce(entries.account_role, 'other')
            end as account_role,
            entries.debit_minor - entries.credit_minor as entities_minor,
            cast(0 as bigint) as eliminations_minor
        from entries
        inner join accounts using (gl_account_id)
        left join
            purposes
            on purposes.erp_system = accounts.erp_system
            and purposes.account_number = accounts.number
        union all
        select
            month,
            currency,
            'intercompany ' || purpose as account_role,
            cast(0 as bigint) as entities_minor,
            amount_minor as eliminations_minor
        from eliminations
    )

select
    month,
    currency,
    cast(account_role as varchar) as account_role,
    {{ sum_minor("entities_minor") }} as entities_minor,
    {{ sum_minor("eliminations_minor") }} as eliminations_minor,
    {{ sum_minor("entities_minor + eliminations_minor") }} as consolidated_minor
from lines
group by month, currency, account_role
