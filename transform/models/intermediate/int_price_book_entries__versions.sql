with

    entries as (select * from {{ ref("stg_salesforce__pricebook_entries") }}),

    currencies as (select * from {{ ref("currencies") }}),

    earlier as (
        select *
        from {{ ref("stg_salesforce__versions") }}
        where stream = 'pricebook_entries'
    ),

    versions as (
        select
            salesforce_pricebook_entry_id,
            salesforce_pricebook_id,
            salesforce_product_id,
            currency,
            unit_price_amount,
            is_active and not is_deleted as is_active,
            modified_at,
            created_at
        from entries

        union all

        -- What a price was: no column has it, only the record that was replaced.
        select
            record_id as salesforce_pricebook_entry_id,
            {{ json_text("record", ["Pricebook2Id"]) }} as salesforce_pricebook_id,
            {{ json_text("record", ["Product2Id"]) }} as salesforce_product_id,
            upper({{ json_text("record", ["CurrencyIsoCode"]) }}) as currency,
            cast(
                {{ json_text("record", ["UnitPrice"]) }} as decimal(38, 9)
            ) as unit_price_amount,
            {{ json_text("record", ["IsActive"]) }} = 'true'
            and not is_deleted as is_active,
            cast(
                {{ json_text("record", ["SystemModstamp"]) }} as timestamp
                with time zone
            ) as modified_at,
            cast(
                {{ json_text("record", ["CreatedDate"]) }} as timestamp with time zone
            ) as created_at
        from earlier
    ),

    compared as (
        select
            *,
            row_number() over (
                partition by salesforce_pricebook_entry_id order by modified_at
            ) as version_number,
            lag(unit_price_amount) over (
                partition by salesforce_pricebook_entry_id order by modified_at
            ) as previous_amount,
            lag(is_active) over (
                partition by salesforce_pricebook_entry_id order by modified_at
            ) as was_active
        from versions
    ),

    -- What changed neither price nor state begins no new version.
    changed as (
        select
            *,
            -- The price that we saw first was the price since the entry was made.
            case
                when version_number = 1 then created_at else modified_at
            end as valid_from
        from compared
        where
            version_number = 1
            or unit_price_amount is distinct from previous_amount
            or is_active is distinct from was_active
    )

select
    changed.salesforce_pricebook_entry_id,
    changed.salesforce_pricebook_id,
    changed.salesforce_product_id,
    changed.currency,
    {{ to_minor("changed.unit_price_amount", "currencies.minor_per_major") }}
    as list_minor,
    changed.is_active,
    changed.valid_from,
    lead(changed.valid_from) over (
        partition by changed.salesforce_pricebook_entry_id order by changed.valid_from
    ) as valid_to
from changed
left join currencies on currencies.currency = changed.currency
