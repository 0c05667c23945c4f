{{
    evidence(
        "exceptions",
        [
            ("exception_id", "exception_id", "bigint"),
            ("source", "source", "varchar"),
            ("fingerprint", "fingerprint", "varchar"),
            ("kind", "kind", "varchar"),
            ("severity", "severity", "varchar"),
            ("owner", "owner", "varchar"),
            ("record_key", "record_key", "varchar"),
            ("customer_id", "customer_id", "varchar"),
            ("difference_minor", "difference_minor", "bigint"),
            ("currency", "currency", "varchar"),
            ("target_system", "target_system", "varchar"),
            ("target_object", "target_object", "varchar"),
            ("target_record_id", "target_record_id", "varchar"),
            ("target_field", "target_field", "varchar"),
            ("ours", "our_value", "varchar"),
            ("theirs", "their_value", "varchar"),
            ("state", "state", "varchar"),
            ("escalation", "escalation", "bigint"),
            ("reopened", "reopened", "bigint"),
            ("opened_at", "opened_at", "timestamp with time zone"),
            ("due_at", "due_at", "timestamp with time zone"),
            ("closed_at", "closed_at", "timestamp with time zone"),
        ],
    )
}}
