with

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    replaced as (select * from {{ ref("revenue_versions") }}),

    months as (select * from {{ ref("revenue_months") }}),

    units as (select * from {{ ref("revenue_units") }}),

    version_months as (
        select
            versions.*,
            months.month,
            months.closes_before,
            replaced.replaced_on is null
            or replaced.replaced_on >= months.closes_before as is_in_force,
            coalesce(units.units, 0) as units,
            coalesce(units.is_complete, false) as is_complete
        from versions
        inner join replaced using (accounting_contract_id, version_no)
        inner join months on months.closes_before > versions.effective_on
        left join
            units
            on units.obligation_key = versions.obligation_key
            and units.effective_on < months.closes_before
            and {{ or_never("units.next_on") }} >= months.closes_before
    ),

    measured as (
        select
            *,
            {{ segment_whole("version_months") }} as whole,
            {{
                segment_done(
                    "version_months",
                    "greatest(version_months.closes_before, version_months.goes_on_from)",
                    "version_months.units",
                    "version_months.is_complete",
                )
            }}
            as done
        from version_months
    ),

    recognized as (
        select
            *,
            {{ segment_recognized("base_minor", "pool_minor", "done", "whole") }}
            as recognized_to_date_minor
        from measured
    )

select
    contract_id,
    accounting_contract_id,
    obligation_key,
    version_no,
    month,
    closes_before,
    is_in_force,
    recognized_to_date_minor,
    recognized_to_date_minor
    - lag(recognized_to_date_minor, 1, recognized_before_minor) over (
        partition by obligation_key, version_no order by month
    ) as planned_minor,
    base_minor + pool_minor - recognized_to_date_minor as remaining_minor
from recognized
