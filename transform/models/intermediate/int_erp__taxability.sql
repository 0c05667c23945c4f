with customers as (select * from {{ ref("int_erp__customers") }})

select record_key, erp_system, erp_customer_id, customer_id, is_taxable
from customers
where is_taxable is not null
