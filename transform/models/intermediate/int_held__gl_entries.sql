with entries as (select * from {{ ref("int_gl__entries") }} where held_for is not null)

select
    'gl_entry' as entity,
    erp_system as system,
    erp_entry_id as record_id,
    cast(null as varchar) as customer_id,
    held_for as reason_code,
    coalesce(document_type, 'Document')
    || ' '
    || coalesce(document_number, document_id)
    || case
        held_for
        when 'unknown_entity'
        then ' is in the books of an entity that we do not know'
        when 'unknown_account'
        then ' has a line on an account that the ERP does not list'
        when 'currency_without_rate'
        then ' is in ' || coalesce(currency, 'no currency') || ', which has no rate'
        else ' does not balance'
    end as reason,
    signed_minor as amount_minor,
    currency
from entries
