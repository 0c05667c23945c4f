{{
    evidence(
        "plans",
        [
            ("plan_id", "plan_id", "varchar"),
            ("kind", "kind", "varchar"),
            ("author", "author", "varchar"),
            ("planned", "planned_changes", "bigint"),
            ("loads", "loads", "varchar"),
            ("made_at", "made_at", "timestamp with time zone"),
            ("recorded_at", "recorded_at", "timestamp with time zone"),
        ],
    )
}}
