with customers as (select * from {{ ref("int_erp__customers") }})

select record_key, erp_system, erp_customer_id, customer_id, payment_terms
from customers
where payment_terms is not null
