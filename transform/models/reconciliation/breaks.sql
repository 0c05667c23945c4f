with

    found as (
        {% for check in checks() %}
            select * from {{ ref(check) }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    consequences as ({{ consequences_of(checks()) }}),

    keyed as (select *, 'customer:' || customer_id as customer_key from found),

    causes as (
        select check_id, grain_key, customer_key, customer_id
        from keyed
        where explained_by is null
    ),

    -- Of the same invoice, contract or opportunity; where one of the two is about the
    -- customer as a whole, of the same customer.
    caused as (
        select keyed.break_key
        from keyed
        inner join consequences on consequences.check_id = keyed.check_id
        inner join
            causes
            on causes.check_id = consequences.cause_id
            and (
                causes.grain_key = keyed.grain_key
                or (
                    causes.customer_id = keyed.customer_id
                    and (
                        causes.grain_key = causes.customer_key
                        or keyed.grain_key = keyed.customer_key
                    )
                )
            )
        group by keyed.break_key
    )

select
    {% for column in break_columns() if column != "explained_by" %}
        found.{{ column }},
    {% endfor %}
    coalesce(
        found.explained_by,
        case when caused.break_key is not null then 'known_exception' end
    ) as explained_by
from found
left join caused on caused.break_key = found.break_key
