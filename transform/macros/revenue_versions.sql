{# The segment that an obligation is in after a version: as it was, its life, the rest. #}
{% macro version_segment(prefix="") -%}
    case
        when {{ prefix }}step = 'kept'
        then {{ prefix }}from_on
        when {{ prefix }}step = 'whole'
        then new_starts_on
        else greatest(new_goes_on_from, new_starts_on)
    end as {{ prefix }}from_on,
    case
        when {{ prefix }}step = 'kept'
        then {{ prefix }}segment_months
        when method not in ('month_even')
        then cast(1 as bigint)
        when {{ prefix }}step = 'whole'
        then {{ term_months("new_starts_on", "new_ends_before") }}
        else
            greatest(
                {{ term_months("new_starts_on", "new_ends_before") }} - greatest(
                    {{ months_apart("new_starts_on", "new_goes_on_from") }},
                    cast(0 as bigint)
                ),
                cast(1 as bigint)
            )
    end as {{ prefix }}segment_months,
    case
        when {{ prefix }}step = 'kept'
        then {{ prefix }}units_before
        when {{ prefix }}step = 'whole'
        then cast(0 as bigint)
        else units_done
    end as {{ prefix }}units_before
{%- endmacro %}

{#
    Beside the segment of revenue the one whose standalone price is known: caught up
    within a combined change, revenue is measured by the whole life, and yet the price is
    that of the rest.
#}
{% macro revenue_version_segments(states, terms) -%}
    select
        *,
        case
            when step = 'whole' and treatment = 'combined' then 'rest' else step
        end as ssp_step
    from ({{ revenue_version_step(states, terms) }}) as stepped
{%- endmacro %}

{#
    One step of the fold over a contract's versions: what an obligation was, together with
    what the next version says of it. It is a macro because a recursive query may name
    itself only once, and five steps of thought stand between one version and the next.
#}
{% macro revenue_version_step(states, terms) -%}
    select
        *,
        case
            when treatment <> 'reduction' or lowered_minor = 0
            then cast(0 as bigint)
            when reduction = 'prospective'
            then
                greatest(
                    lowered_minor - greatest(
                        base_minor + pool_minor - recognized_minor, cast(0 as bigint)
                    ),
                    cast(0 as bigint)
                )
            when allocated_minor <= 0
            then cast(0 as bigint)
            else
                {{
                    share_minor(
                        "lowered_minor",
                        "(recognized_minor - contra_minor)",
                        "allocated_minor",
                    )
                }}
        end as contra_added_minor,
        case
            when not new_is_active
            then 'kept'
            when treatment = 'reduction'
            then case when lowered_minor = 0 then 'kept' else 'rest' end
            when treatment = 'pause'
            then case when pause_days = 0 then 'kept' else 'rest' end
            when
                is_open
                and (
                    treatment in ('inception', 'catch_up')
                    or (treatment = 'combined' and own_treatment = 'catch_up')
                )
            then 'whole'
            else 'rest'
        end as step,
        case
            when treatment = 'reduction' and excess_total_minor > room_total_minor
            then 'reduction_exceeds_price'
            -- Who pauses to the end leaves no days to which the rest could go.
            when treatment = 'pause'
            then
                case
                    when pause_days > 0 and new_ends_before <= new_goes_on_from
                    then 'nothing_remains'
                end
            when treatment <> 'reduction' and pooled_minor <> 0 and open_count = 0
            then 'nothing_remains'
            -- Nobody said what the rest is worth: no share is as good as another.
            when
                treatment <> 'reduction'
                and pooled_minor <> 0
                and open_count > 1
                and open_ssp_minor = 0
            then 'ssp_missing'
        end as fault,
        cast(
            case when pooled_minor < 0 then -1 else 1 end * (
                floored_minor + case
                    when
                        row_number() over (
                            partition by accounting_contract_id
                            order by left_over desc, obligation_rank
                        )
                        <= abs(pooled_minor)
                        - sum(floored_minor) over (partition by accounting_contract_id)
                    then 1
                    else 0
                end
            ) as bigint
        ) as share_minor
    from ({{ revenue_version_floored(states, terms) }}) as floored
{%- endmacro %}

{# The share of each obligation, rounded toward zero, and what it leaves over. #}
{% macro revenue_version_floored(states, terms) -%}
    select
        *,
        {{ floor_remainder("pooled_minor", "weight", "weights", "floored_minor") }}
        as left_over
    from
        (
            select
                *,
                {{ floor_share("pooled_minor", "weight", "weights") }} as floored_minor
            from
                (
                    select
                        *,
                        sum(weight) over (
                            partition by accounting_contract_id
                        ) as weights
                    from
                        (
                            select
                                *,
                                -- One obligation alone needs no price of its own.
                                case
                                    when not is_open
                                    then 0
                                    when open_ssp_minor = 0
                                    then 1
                                    when treatment in ('inception', 'catch_up')
                                    then new_whole_ssp_minor
                                    else rest_ssp_minor
                                end as weight
                            from ({{ revenue_version_pooled(states, terms) }}) as pooled
                        ) as weighed
                ) as summed
        ) as shared
{%- endmacro %}

{# The price that is allocated to what is open, by contract. #}
{% macro revenue_version_pooled(states, terms) -%}
    select
        *,
        cast(
            sum(
                case
                    when not new_is_active
                    then 0
                    when treatment in ('inception', 'catch_up')
                    -- What is closed keeps its price; all others share theirs.
                    then
                        case
                            when new_is_closed
                            then 0
                            else new_price_minor - reduced_minor
                        end
                    else
                        new_price_minor
                        - reduced_minor
                        - recognized_minor
                        + contra_minor
                end
            ) over (partition by accounting_contract_id) as bigint
        ) as pooled_minor,
        sum(
            case
                when not is_open
                then 0
                when treatment in ('inception', 'catch_up')
                then new_whole_ssp_minor
                else rest_ssp_minor
            end
        ) over (partition by accounting_contract_id) as open_ssp_minor,
        sum(case when is_open then 1 else 0 end) over (
            partition by accounting_contract_id
        ) as open_count
    from
        (
            select
                *,
                case
                    when is_cancelled
                    then recognized_minor - contra_minor + reduced_minor
                    when is_added
                    then signed_price_minor
                    else coalesce(changed_price_minor, price_minor)
                end as new_price_minor,
                case
                    when is_added
                    then coalesce(signed_ssp_minor, 0)
                    when changed_ssp_minor is not null
                    then changed_ssp_minor
                    when ssp_whole <= 0
                    then cast(0 as bigint)
                    else
                        {{
                            share_minor(
                                "ssp_minor", "(ssp_whole - ssp_done)", "ssp_whole"
                            )
                        }}
                end as rest_ssp_minor,
                case
                    when is_added
                    then coalesce(signed_ssp_minor, 0)
                    when treatment = 'catch_up'
                    then coalesce(changed_ssp_minor, whole_ssp_minor)
                    else whole_ssp_minor
                end as new_whole_ssp_minor,
                new_is_active
                and not new_is_closed
                and (
                    treatment in ('inception', 'catch_up')
                    or (
                        method in ('daily', 'month_prorated')
                        and new_ends_before > new_goes_on_from
                        and not is_complete
                    )
                    or (
                        method = 'month_even'
                        and {{ months_apart("new_starts_on", "new_goes_on_from") }}
                        < {{ term_months("new_starts_on", "new_ends_before") }}
                        and not is_complete
                    )
                    or (
                        method not in ('daily', 'month_even', 'month_prorated')
                        and units_done < new_total_units
                    )
                ) as is_open
            from ({{ revenue_version_lowered(states, terms) }}) as lowered
        ) as opened
{%- endmacro %}

{#
    By how much a reduction lowers each price. Reductions come in billed amounts, prices
    are allocated ones: what is more than an obligation's price goes to the others of the
    contract, by what is left of theirs.
#}
{% macro revenue_version_lowered(states, terms) -%}
    select
        *,
        cast(
            reduction_minor
            - excess_minor
            + placed_minor
            + case
                when
                    row_number() over (
                        partition by accounting_contract_id
                        order by room_left_over desc, obligation_rank
                    )
                    <= excess_total_minor
                    - sum(placed_minor) over (partition by accounting_contract_id)
                then 1
                else 0
            end as bigint
        ) as lowered_minor
    from
        (
            select
                *,
                {{
                    floor_remainder(
                        "excess_total_minor",
                        "room_minor",
                        "room_total_minor",
                        "placed_minor",
                    )
                }} as room_left_over
            from
                (
                    select
                        *,
                        {{
                            floor_share(
                                "excess_total_minor", "room_minor", "room_total_minor"
                            )
                        }} as placed_minor
                    from
                        (
                            select
                                *,
                                {% for amount in ["excess", "room"] %}
                                    cast(
                                        sum({{ amount }}_minor) over (
                                            partition by accounting_contract_id
                                        ) as bigint
                                    ) as {{ amount }}_total_minor
                                    {{- "," if not loop.last }}
                                {% endfor %}
                            from
                                (
                                    select
                                        *,
                                        greatest(
                                            reduction_minor - greatest(
                                                allocated_minor, cast(0 as bigint)
                                            ),
                                            cast(0 as bigint)
                                        ) as excess_minor,
                                        greatest(
                                            allocated_minor - reduction_minor,
                                            cast(0 as bigint)
                                        ) as room_minor
                                    from
                                        (
                                            {{
                                                revenue_version_measured(
                                                    states, terms
                                                )
                                            }}
                                        ) as measured
                                ) as split
                        ) as totalled
                ) as placed
        ) as ranked
{%- endmacro %}

{# What was done and recognized before the day of the version, and what a pause moves. #}
{% macro revenue_version_measured(states, terms) -%}
    select
        *,
        case
            when not is_active
            then cast(0 as bigint)
            else {{ segment_recognized("base_minor", "pool_minor", "done", "whole") }}
        end as recognized_minor,
        base_minor + pool_minor - contra_minor as allocated_minor,
        {{ add_days("starts_on", "pause_days") }} as new_starts_on,
        case
            when is_cancelled
            then least(ends_before, effective_on)
            when is_extended
            then {{ add_days("ends_before", "pause_days") }}
            else coalesce(changed_ends_before, ends_before)
        end as new_ends_before,
        case
            when pause_days > 0
            then resumes_on
            else greatest(effective_on, goes_on_from)
        end as new_goes_on_from
    from
        (
            select
                *,
                -- What is over, or rests already, rests no more.
                case
                    when
                        is_active
                        and not new_is_closed
                        and not is_complete
                        and ends_before > effective_on
                    then
                        cast(
                            greatest(
                                {{
                                    days_between(
                                        "greatest(effective_on, goes_on_from, starts_on)",
                                        "coalesce(resumes_on, effective_on)",
                                    )
                                }},
                                0
                            ) as integer
                        )
                    else 0
                end as pause_days
            from ({{ revenue_version_joined(states, terms) }}) as joined
        ) as paused
{%- endmacro %}

{# What an obligation was, beside what the next version says of it. #}
{% macro revenue_version_joined(states, terms) -%}
    {%- set day = "greatest(terms.effective_on, states.goes_on_from)" -%}
    select
        terms.accounting_contract_id,
        terms.version_no,
        terms.effective_on,
        terms.treatment,
        terms.obligation_key,
        terms.obligation_rank,
        terms.is_added,
        terms.signed_price_minor,
        terms.signed_ssp_minor,
        terms.price_minor as changed_price_minor,
        terms.ends_before as changed_ends_before,
        terms.ssp_minor as changed_ssp_minor,
        terms.own_treatment,
        terms.is_cancelled,
        terms.resumes_on,
        terms.is_extended,
        terms.reduction_minor,
        terms.reduction,
        terms.is_complete,
        states.method,
        states.starts_on,
        states.ends_before,
        states.goes_on_from,
        states.from_on,
        states.segment_months,
        states.units_before,
        states.price_minor,
        states.reduced_minor,
        states.contra_minor,
        states.base_minor,
        states.pool_minor,
        states.ssp_minor,
        states.ssp_from_on,
        states.ssp_segment_months,
        states.ssp_units_before,
        states.whole_ssp_minor,
        states.is_active,
        states.is_active or terms.is_added as new_is_active,
        states.is_closed or terms.is_cancelled as new_is_closed,
        coalesce(terms.total_units, states.total_units) as new_total_units,
        case
            when terms.is_complete
            then coalesce(terms.total_units, states.total_units)
            else least(terms.units, coalesce(terms.total_units, states.total_units))
        end as units_done,
        {{ segment_whole("states") }} as whole,
        {{ segment_done("states", day, "terms.units", "terms.is_complete") }} as done,
        {{ segment_whole("states", "ssp_") }} as ssp_whole,
        {{ segment_done("states", day, "terms.units", "terms.is_complete", "ssp_") }}
        as ssp_done
    from {{ states }} as states
    inner join
        {{ terms }} as terms
        on terms.obligation_key = states.obligation_key
        and terms.version_no = states.version_no + 1
{%- endmacro %}
