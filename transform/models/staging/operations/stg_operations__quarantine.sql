{{
    evidence(
        "quarantine",
        [
            ("quarantine_id", "quarantine_id", "bigint"),
            ("system", "system", "varchar"),
            ("stream", "stream", "varchar"),
            ("object", "object_name", "varchar"),
            ("record_id", "record_id", "varchar"),
            ("field", "field", "varchar"),
            ("reason", "reason", "varchar"),
            ("held_since", "held_since", "timestamp with time zone"),
            ("released_at", "released_at", "timestamp with time zone"),
        ],
    )
}}
