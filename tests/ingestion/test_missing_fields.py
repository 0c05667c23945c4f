"""A field that a system does not know, or stopped sending, is named in one sentence."""

import socket
from typing import Any

import pytest

from ingestion.errors import Refused


@pytest.mark.parametrize(
    ("system", "drift", "stream"),
    [
        (
            "salesforce",
            {"object": "Account", "field": "Website", "change": "removed"},
            "accounts",
        ),
        (
            "netsuite",
            {"object": "customer", "field": "companyname", "change": "removed"},
            "customers",
        ),
    ],
)
def test_a_field_that_a_system_does_not_know_is_named(
    place: Any, system: str, drift: dict[str, str], stream: str
) -> None:
    """A field that was removed, or hidden from us, stops its object and no other."""
    place.store.set_conditions({system: {"drift": [drift]}})

    outcome = place.outcome(system)

    [fault] = outcome.faults
    assert isinstance(fault, Refused)
    assert (fault.system, fault.object, fault.field) == (
        system,
        drift["object"],
        drift["field"],
    )
    loaded = {one.stream for one in outcome.loaded}
    assert len(loaded) > 1
    assert stream not in loaded


def test_a_field_of_a_feature_may_be_missing(place: Any) -> None:
    """An account without OneWorld has customers all the same, in no subsidiary."""
    removed = {"object": "customer", "field": "subsidiary", "change": "removed"}
    place.store.set_conditions({"netsuite": {"drift": [removed]}})

    outcome = place.outcome("netsuite")

    assert outcome.faults == ()
    assert place.rows(
        "select count(*) > 0, count(companyname) > 0, count(subsidiary)"
        " from raw_netsuite.customers"
    ) == [(True, True, 0)]


@pytest.mark.parametrize(
    ("system", "name", "field"),
    [("stripe", "product", "active"), ("zendesk", "ticket", "priority")],
)
def test_a_key_that_a_vendor_stopped_sending_is_named(
    place: Any, system: str, name: str, field: str
) -> None:
    """An absent key is not a null: the record is set aside and says what it lacks."""
    record_id = place.any_id(system, name)
    document = place.store.collection(system, name).get(record_id)
    del document[field]
    place.store.keep(system, name, document)

    place.load(system)

    [letter] = place.quarantined()
    assert letter.reason == "the record lacks this field"
    assert (letter.system, letter.object, letter.record_id, letter.field) == (
        system,
        name,
        record_id,
        field,
    )


def test_no_other_host_is_spoken_to(place: Any, monkeypatch: Any) -> None:
    """Nobody is told that a load took place."""
    asked: set[str] = set()
    resolve = socket.getaddrinfo

    def noted(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.add(host)
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    place.load("zendesk")

    assert asked == {"127.0.0.1"}
