{{
    evidence(
        "loads",
        [
            ("total_id", "total_id", "bigint"),
            ("system", "system", "varchar"),
            ("stream", "stream", "varchar"),
            ("read", "rows_read", "bigint"),
            ("loaded", "rows_loaded", "bigint"),
            ("quarantined", "rows_quarantined", "bigint"),
            ("changed", "rows_changed", "bigint"),
            ("is_partial", "is_partial", "boolean"),
            ("at", "loaded_at", "timestamp with time zone"),
        ],
    )
}}
