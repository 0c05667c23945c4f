with

    records as (select * from {{ ref("int_customers__records") }}),

    -- Half the world has an address there: the domain says nothing about the company.
    companies as (
        select
            record_key,
            reference_key,
            system,
            object,
            marked_duplicate_of,
            normalised_name,
            normalised_tax_id,
            case
                when
                    domain not in (
                        'gmail.com',
                        'googlemail.com',
                        'outlook.com',
                        'hotmail.com',
                        'yahoo.com',
                        'icloud.com',
                        'gmx.de',
                        'web.de'
                    )
                then domain
            end as company_domain
        from records
    ),

    counted as (
        select
            *, count(*) over (partition by system, company_domain) as records_of_system
        from companies
    ),

    keyed as (
        select
            *,
            max(records_of_system) over (
                partition by company_domain
            ) as most_records_of_domain
        from counted
    )

select record_key, 1 as rule_rank, 'reference' as match_rule, record_key as match_key
from keyed

union all

select record_key, 1 as rule_rank, 'reference' as match_rule, reference_key as match_key
from keyed
where reference_key is not null

union all

-- A person or an earlier repair said so.
select
    record_key,
    1 as rule_rank,
    'reference' as match_rule,
    system || ':' || object || ':' || marked_duplicate_of as match_key
from keyed
where marked_duplicate_of is not null

union all

select
    record_key,
    2 as rule_rank,
    'tax_id' as match_rule,
    'tax_id:' || normalised_tax_id as match_key
from keyed
where length(normalised_tax_id) >= 6

union all

select
    record_key,
    3 as rule_rank,
    'domain_and_name' as match_rule,
    'name:' || company_domain || ':' || normalised_name as match_key
from keyed
where company_domain is not null and normalised_name is not null

union all

-- Names that begin alike under one domain are spellings of one name.
select
    record_key,
    4 as rule_rank,
    'domain_and_similar_name' as match_rule,
    'similar:'
    || company_domain
    || ':'
    || substr(replace(normalised_name, ' ', ''), 1, 5) as match_key
from keyed
where company_domain is not null and normalised_name is not null

union all

-- Where no system has two records of a domain, they are one customer who was renamed.
select
    record_key,
    5 as rule_rank,
    'only_of_domain' as match_rule,
    'domain:' || company_domain as match_key
from keyed
where company_domain is not null and most_records_of_domain = 1
