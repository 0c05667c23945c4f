{{
    evidence(
        "decisions",
        [
            ("decision_id", "decision_id", "bigint"),
            ("subject", "subject", "varchar"),
            ("decision", "decision", "varchar"),
            ("decided_by", "decided_by", "varchar"),
            ("decided_at", "decided_at", "timestamp with time zone"),
        ],
    )
}}
