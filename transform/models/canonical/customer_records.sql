with records as (select * from {{ ref("int_customers__linked") }})

select
    record_key,
    system,
    object,
    record_id,
    customer_id,
    evidence,
    is_in_review,
    is_primary,
    duplicate_of,
    case when system = 'salesforce' then record_id end as salesforce_account_id,
    case when system = 'stripe' then record_id end as stripe_customer_id
from records
