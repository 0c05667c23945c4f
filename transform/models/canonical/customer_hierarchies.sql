{% set still = "cast('9999-12-31 00:00:00+00' as timestamp with time zone)" %}

with

    closure as (select * from {{ resolved("hierarchy") }}),

    redirects as (select * from {{ resolved("redirects") }}),

    -- A customer that became another one stood where it stood under the other's id.
    translated as (
        select
            coalesce(ancestors.redirect_to, closure.ancestor_id) as ancestor_id,
            coalesce(descendants.redirect_to, closure.descendant_id) as descendant_id,
            closure.basis,
            closure.depth,
            closure.valid_from,
            coalesce(closure.valid_to, {{ still }}) as valid_to
        from closure
        left join redirects as ancestors on ancestors.golden_id = closure.ancestor_id
        left join
            redirects as descendants on descendants.golden_id = closure.descendant_id
    ),

    -- Two who became one may have stood below the same customer at the same time: what
    -- overlaps is one stretch, at the shorter distance.
    followed as (
        select
            *,
            max(valid_to) over (
                partition by ancestor_id, descendant_id, basis
                order by valid_from, valid_to
                rows between unbounded preceding and 1 preceding
            ) as held_until
        from translated
        where ancestor_id <> descendant_id and valid_from < valid_to
    ),

    stretches as (
        select
            *,
            sum(case when held_until > valid_from then 0 else 1 end) over (
                partition by ancestor_id, descendant_id, basis
                order by valid_from, valid_to
                rows between unbounded preceding and current row
            ) as stretch
        from followed
    )

select
    ancestor_id,
    descendant_id,
    basis,
    min(depth) as depth,
    min(valid_from) as valid_from,
    nullif(max(valid_to), {{ still }}) as valid_to
from stretches
group by ancestor_id, descendant_id, basis, stretch
