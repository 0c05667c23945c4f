with accounts as (select * from {{ ref("int_gl__accounts") }})

select
    gl_account_id,
    erp_system,
    erp_account_id,
    legal_entity_code,
    number,
    name,
    account_type,
    cast(account_role as varchar) as account_role,
    is_active
from accounts
