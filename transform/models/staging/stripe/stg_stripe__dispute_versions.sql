select
    record_id as stripe_dispute_id,
    {{ json_text("record", ["status"]) }} as status,
    superseded_at
from {{ source("raw_stripe", "_history") }}
where stream = 'disputes' and not is_deleted
