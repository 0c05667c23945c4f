with meters as (select * from {{ ref("int_meters__stated") }})

select billing_system, meter_id, name, event_name, aggregation, is_active
from meters
