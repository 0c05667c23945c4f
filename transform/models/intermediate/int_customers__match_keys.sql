with

    records as (select * from {{ ref("int_customers__records") }}),

    evidence as (
        select
            record_key,
            reference_key,
            system,
            object,
            marked_duplicate_of,
            normalised_name,
            -- "EXEMPT", "UNKNOWN" and "000000" are no numbers of anybody.
            case
                when
                    length(regexp_replace(normalised_tax_id, '[^0-9]+', '', 'g')) >= 5
                    and regexp_replace(normalised_tax_id, '[^1-9]+', '', 'g') <> ''
                then normalised_tax_id
            end as tax_id_number,
            -- Half the world has an address there: the domain says nothing about the
            -- company.
            case
                when
                    domain not in (
                        'aol.com',
                        'gmail.com',
                        'gmx.de',
                        'gmx.net',
                        'googlemail.com',
                        'hotmail.com',
                        'icloud.com',
                        'libero.it',
                        'live.com',
                        'me.com',
                        'msn.com',
                        'orange.fr',
                        'outlook.com',
                        'proton.me',
                        'protonmail.com',
                        't-online.de',
                        'wanadoo.fr',
                        'web.de',
                        'yahoo.com'
                    )
                then domain
            end as company_domain
        from records
    ),

    named as (
        select
            *,
            min(tax_id_number) over (
                partition by company_domain, normalised_name
            ) as lowest_tax_id,
            max(tax_id_number) over (
                partition by company_domain, normalised_name
            ) as highest_tax_id
        from evidence
    )

select record_key, 1 as rule_rank, 'reference' as match_rule, record_key as match_key
from named

union all

select record_key, 1 as rule_rank, 'reference' as match_rule, reference_key as match_key
from named
where reference_key is not null

union all

-- A person or an earlier repair said so.
select
    record_key,
    1 as rule_rank,
    'reference' as match_rule,
    system || ':' || object || ':' || marked_duplicate_of as match_key
from named
where marked_duplicate_of is not null

union all

select
    record_key,
    2 as rule_rank,
    'tax_id' as match_rule,
    'tax_id:' || tax_id_number as match_key
from named
where tax_id_number is not null

union all

-- Two tax numbers under one name and domain are two companies, and whoever has none
-- may be either: a person tells.
select
    record_key,
    3 as rule_rank,
    'domain_and_name' as match_rule,
    'name:' || company_domain || ':' || normalised_name as match_key
from named
where
    company_domain is not null
    and normalised_name is not null
    and lowest_tax_id is not distinct from highest_tax_id
