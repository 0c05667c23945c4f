with

    opportunities as (select * from {{ ref("opportunities") }}),

    scores as (select * from {{ ref("health_scores") }} where is_current),

    accounts as (select * from {{ ref("stg_vitally__accounts") }} where not is_deleted),

    notes as (select * from {{ ref("stg_vitally__notes") }} where not is_deleted),

    records as (select * from {{ ref("customer_records") }} where system = 'vitally'),

    risks as (
        select
            'salesforce:opportunity:' || opportunity_id as renewal_signal_id,
            customer_id,
            {{ utc_date("modified_at") }} as signalled_on,
            renewal_risk as risk,
            cast(null as {{ dbt.type_string() }}) as reason,
            closes_on as renewal_on,
            opportunity_id,
            system,
            record_id
        from opportunities
        where renewal_risk is not null and not is_closed
    ),

    lows as (
        select
            'vitally:account:' || scores.record_id as renewal_signal_id,
            scores.customer_id,
            scores.scored_on as signalled_on,
            scores.risk,
            scores.reason,
            {{ utc_date("accounts.next_renewal_at") }} as renewal_on,
            cast(null as {{ dbt.type_string() }}) as opportunity_id,
            scores.system,
            scores.record_id
        from scores
        inner join accounts on accounts.vitally_account_id = scores.record_id
        where scores.risk is not null and scores.risk <> 'low'
    ),

    remarks as (
        select
            'vitally:note:' || notes.vitally_note_id as renewal_signal_id,
            records.customer_id,
            {{ utc_date("notes.noted_at") }} as signalled_on,
            cast(null as {{ dbt.type_string() }}) as risk,
            notes.subject as reason,
            cast(null as date) as renewal_on,
            cast(null as {{ dbt.type_string() }}) as opportunity_id,
            'vitally' as system,
            notes.vitally_note_id as record_id
        from notes
        left join records on records.record_id = notes.vitally_account_id
    )

{% for source in ["risks", "lows", "remarks"] %}
    select
        renewal_signal_id,
        customer_id,
        signalled_on,
        risk,
        reason,
        renewal_on,
        opportunity_id,
        system,
        record_id
    from {{ source }} {{ "union all" if not loop.last }}
{% endfor %}
