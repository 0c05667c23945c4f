{{
    evidence(
        "changes",
        [
            ("change_id", "change_id", "varchar"),
            ("plan_id", "plan_id", "varchar"),
            ("content_hash", "content_hash", "varchar"),
            ("system", "system", "varchar"),
            ("object", "object_name", "varchar"),
            ("target", "target", "varchar"),
            ("record_id", "record_id", "varchar"),
            ("external_key", "external_key", "varchar"),
            ("entity", "entity", "varchar"),
            ("entity_id", "entity_id", "varchar"),
            ("customer_id", "customer_id", "varchar"),
            ("action", "action", "varchar"),
            ("amount_minor", "amount_minor", "bigint"),
            ("currency", "currency", "varchar"),
            ("state", "state", "varchar"),
            ("hold", "hold", "varchar"),
            ("attempts", "attempts", "bigint"),
            ("why", "why", "varchar"),
            ("created_at", "created_at", "timestamp with time zone"),
            ("first_sent_at", "first_sent_at", "timestamp with time zone"),
            ("changed_at", "changed_at", "timestamp with time zone"),
        ],
    )
}}
