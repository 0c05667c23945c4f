with

    modifications as (select * from {{ ref("int_contracts__modified") }}),

    undecided as (
        select *, {{ iso_day("modified_on") }} as modified_day
        from modifications
        where treatment is null
    )

select
    'contract_modification' as entity,
    'salesforce' as system,
    salesforce_order_id as record_id,
    customer_id,
    'treatment_undecided' as reason_code,
    'Nobody decided how to account for the change of '
    || modified_day
    || ' ('
    || replace(modification_type, '_', ' ')
    || ')' as reason,
    tcv_minor as amount_minor,
    currency
from undecided
