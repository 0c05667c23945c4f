{{
    evidence(
        "audit",
        [
            ("seq", "seq", "bigint"),
            ("at", "recorded_at", "timestamp with time zone"),
            ("actor", "actor", "varchar"),
            ("action", "action", "varchar"),
            ("subject", "subject", "varchar"),
        ],
    )
}}
