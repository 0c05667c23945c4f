-- depends_on: {{ ref("currencies") }}
-- A day is cut in the time zone of the session, unless the macro says otherwise.
with
    given as (
        select
            cast('2026-01-31 23:30:00+00' as timestamp with time zone) as late,
            cast('2026-02-01' as date) as day
    ),

    answers as (
        select
            {{ utc_date("late") }} as cut,
            {{ utc_date(utc_instant("day")) }} as back,
            {{ utc_date(unix_instant("'1769902199'")) }} as told
        from given
    )

select *
from answers
where
    cut <> cast('2026-01-31' as date)
    or back <> cast('2026-02-01' as date)
    or told <> cast('2026-01-31' as date)
