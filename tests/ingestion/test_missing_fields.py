"""A field that a system does not know, or stopped sending, is named in one sentence."""

import socket
from typing import Any

import pytest

from ingestion import netsuite, salesforce
from ingestion.errors import Refused
from ingestion.systems import system


def test_a_field_that_salesforce_does_not_know_is_named(place: Any) -> None:
    """A field that was removed, or hidden from us, stops the reading."""
    with (
        system("salesforce").connect(place.environ) as rest,
        pytest.raises(Refused) as caught,
    ):
        list(salesforce.query(rest, "Account", "SELECT Id, Gone__c FROM Account"))

    fault = caught.value
    assert (fault.system, fault.object, fault.field, fault.code) == (
        "salesforce",
        "Account",
        "Gone__c",
        "INVALID_FIELD",
    )


def test_a_column_that_netsuite_does_not_know_is_named(place: Any) -> None:
    """A column that was removed, or hidden from us, stops the reading."""
    with (
        system("netsuite").connect(place.environ) as rest,
        pytest.raises(Refused) as caught,
    ):
        list(netsuite.rows(rest, ("id", "gone"), "customer", ("id",)))

    fault = caught.value
    assert (fault.system, fault.object, fault.field) == ("netsuite", "customer", "gone")


@pytest.mark.parametrize(
    ("system", "name", "field"),
    [("stripe", "product", "active"), ("zendesk", "ticket", "priority")],
)
def test_a_key_that_a_vendor_stopped_sending_is_named(
    place: Any, system: str, name: str, field: str
) -> None:
    """An absent key is not a null: the load stops and says which record lacks it."""
    record_id = place.any_id(system, name)
    document = place.store.collection(system, name).get(record_id)
    del document[field]
    place.store.keep(system, name, document)

    with pytest.raises(Refused, match="the record lacks this field") as caught:
        place.load(system)

    fault = caught.value
    assert (fault.system, fault.object, fault.record_id, fault.field) == (
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
