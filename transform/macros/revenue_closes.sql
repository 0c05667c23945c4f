{#
    What the books of an entity have wrong about its closed months: lines that belong there
    and are not recorded, and recorded ones that belong there no more. Both go to the first
    month that is open. `recorded` has the lines that were recorded, `journal` all.
#}
{% macro revenue_corrections(recorded, journal) -%}
    select
        journal.journal_line_id,
        cast(1 as bigint) as direction,
        {{ revenue_closed_columns("journal") }}
        closed.open_month as month,
        journal.month as corrects_month,
        journal.amount_minor,
        journal.functional_minor
    from {{ journal }} as journal
    inner join
        ({{ revenue_closed_through(recorded) }}) as closed
        on closed.entity = journal.entity
        and closed.open_month > journal.month
    left join
        ({{ revenue_recorded_once(recorded) }}) as once
        on once.journal_line_id = journal.journal_line_id
    where once.journal_line_id is null
    union all
    select
        once.journal_line_id,
        cast(-1 as bigint) as direction,
        {{ revenue_closed_columns("once") }}
        closed.open_month as month,
        once.month as corrects_month,
        - once.amount_minor as amount_minor,
        - once.functional_minor as functional_minor
    from ({{ revenue_recorded_once(recorded) }}) as once
    inner join
        ({{ revenue_closed_through(recorded) }}) as closed
        on closed.entity = once.entity
    left join {{ journal }} as journal on journal.journal_line_id = once.journal_line_id
    where journal.journal_line_id is null
{%- endmacro %}

{# The lines that recorded ones leave standing, in the month to which they belong. #}
{% macro revenue_recorded_once(recorded) -%}
    select
        journal_line_id,
        {{ revenue_closed_columns() }}
        min(coalesce(corrects_month, month)) as month,
        {{ sum_minor("amount_minor") }} as amount_minor,
        {{ sum_minor("functional_minor") }} as functional_minor
    from {{ recorded }} as recorded
    group by {{ revenue_closed_columns() }} journal_line_id
    having sum(direction) > 0
{%- endmacro %}

{# How far each entity's books are closed. Periods close in their order. #}
{% macro revenue_closed_through(recorded) -%}
    select entity, {{ add_months("max(month)", 1) }} as open_month
    from {{ recorded }} as recorded
    group by entity
{%- endmacro %}

{# What a line is, besides its month and its amounts. #}
{% macro revenue_closed_columns(relation=none) -%}
    {% for column in [
        "entity",
        "currency",
        "functional_currency",
        "customer_id",
        "contract_id",
        "obligation_key",
        "position_key",
        "event_id",
        "reason",
        "posted_on",
        "side",
        "account_role",
    ] %}
        {{ relation ~ "." if relation }}{{ column }},
    {% endfor %}
{%- endmacro %}
