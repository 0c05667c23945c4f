{{
    evidence(
        "change_fields",
        [
            ("change_id", "change_id", "varchar"),
            ("field", "field", "varchar"),
            ("canonical", "canonical_field", "varchar"),
            ("theirs", "their_value", "varchar"),
            ("ours", "our_value", "varchar"),
            ("decision", "decision", "varchar"),
            ("source", "source_system", "varchar"),
            ("source_record", "source_record", "varchar"),
            ("load_id", "load_id", "varchar"),
        ],
    )
}}
