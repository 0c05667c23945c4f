"""Salesforce end to end: what its walks bring stands in the warehouse."""

from typing import Any

from ingestion import salesforce


def test_every_stream_arrives_and_a_second_load_changes_nothing(place: Any) -> None:
    """Row for row what the organisation holds, whoever has a record of it or not."""
    first = place.load("salesforce")
    again = place.load("salesforce")

    held = {
        ("salesforce", stream.name): len(
            place.store.collection("salesforce", stream.object)
        )
        for stream in salesforce.STREAMS
    }
    assert {key: one.rows for key, one in first.items()} == held
    assert {one.read for one in again.values()} == {0}
    assert {one.changed for one in again.values()} == {0}


def test_a_change_that_was_committed_after_a_load_with_an_older_stamp_arrives(
    place: Any,
) -> None:
    """The vendor says where a transaction is open; the next load begins before it.

    Meanwhile somebody merged two contacts: the loser is a tombstone that names the
    winner.
    """
    place.load("salesforce")
    record_id = place.any_id("salesforce", "account")
    place.store.commit_late(
        *("salesforce", "account", record_id, {"Name": "Late Inc."}),
        seconds=1800,
        actor="human",
        request_id="late",
    )
    loser, winner = place.store.collection("salesforce", "contact").ids()[:2]
    place.store.update(
        *("salesforce", "contact", loser),
        {"IsDeleted": True, "MasterRecordId": winner},
        actor="human",
        request_id="merge",
    )
    place.load("salesforce")
    place.clock.advance(1801)

    place.load("salesforce")

    assert place.rows(
        "select id from raw_salesforce.accounts where name = 'Late Inc.'"
    ) == [(record_id,)]
    assert place.rows(
        "select master_record_id, is_deleted from raw_salesforce.contacts"
        f" where id = '{loser}'"
    ) == [(winner, True)]
