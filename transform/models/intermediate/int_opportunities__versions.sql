with

    opportunities as (select * from {{ ref("stg_salesforce__opportunities") }}),

    currencies as (select * from {{ ref("currencies") }}),

    earlier as (
        select *
        from {{ ref("stg_salesforce__versions") }}
        where stream = 'opportunities'
    ),

    replaced as (
        -- What an opportunity was: no column has it, only the record that was replaced.
        select
            record_id as salesforce_opportunity_id,
            {{ json_text("record", ["StageName"]) }} as stage,
            cast(
                {{ json_text("record", ["Amount"]) }} as decimal(38, 9)
            ) as total_amount,
            upper({{ json_text("record", ["CurrencyIsoCode"]) }}) as currency,
            cast({{ json_text("record", ["CloseDate"]) }} as date) as closes_on,
            {{ json_text("record", ["OwnerId"]) }} as salesforce_user_id,
            is_deleted,
            cast(
                {{ json_text("record", ["SystemModstamp"]) }} as timestamp
                with time zone
            ) as modified_at,
            cast(
                {{ json_text("record", ["CreatedDate"]) }} as timestamp with time zone
            ) as created_at,
            {{ loaded_at("load_id") }} as recorded_at
        from earlier
    ),

    present as (select *, {{ loaded_at("load_id") }} as recorded_at from opportunities),

    versions as (
        {% for source in ["present", "replaced"] %}
            select
                salesforce_opportunity_id,
                stage,
                total_amount,
                currency,
                closes_on,
                salesforce_user_id,
                is_deleted,
                modified_at,
                created_at,
                recorded_at
            from {{ source }} {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    versions.salesforce_opportunity_id,
    versions.stage,
    {{ to_minor("versions.total_amount", "currencies.minor_per_major") }}
    as amount_minor,
    versions.closes_on,
    versions.salesforce_user_id,
    versions.is_deleted,
    versions.modified_at,
    versions.created_at,
    versions.recorded_at
from versions
left join currencies on currencies.currency = versions.currency
