"""Destinations: each speaks to the sandbox over real HTTP as to the vendor."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ingestion.errors import Refused, Transient, Unknown
from reverse_etl.destinations import Destination, Held
from reverse_etl.destinations.registry import connect
from reverse_etl.money import exponent, major, minor
from tests.conftest import SandboxProcess
from tests.reverse_etl.vendors import OBJECTS, company, connected, outgoing, some


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One company for all these tests; each takes records of its own."""
    with company(tmp_path_factory.mktemp("vendors")) as running:
        yield running


@pytest.fixture
def destinations(vendors: SandboxProcess) -> Iterator[Mapping[str, Destination]]:
    """The destinations, connected as in production; faults are cleared."""
    with connected(vendors) as there:
        yield there


@pytest.mark.parametrize("system", OBJECTS)
def test_what_is_sent_is_read_back(
    vendors: SandboxProcess, destinations: Mapping[str, Destination], system: str
) -> None:
    """Reading shows the old value before, and ours after, for every record."""
    destination = destinations[system]
    changes = some(vendors, system, 0, 2)

    before = [destination.read([change]) for change in changes]
    answers = [
        answer
        for start in range(0, 2, destination.caps.write_size)
        for answer in destination.send(
            outgoing(*changes[start : start + destination.caps.write_size])
        )
    ]
    after = [destination.read([change]) for change in changes]

    assert [answer.fault for answer in answers] == [None, None]
    assert [answer.record_id for answer in answers] == [c.record_id for c in changes]
    for change, old, new in zip(changes, before, after, strict=True):
        (changed,) = change.fields
        assert old[change.change_id].fields[changed.field] == changed.theirs
        assert new[change.change_id] == Held(
            str(change.record_id), {changed.field: changed.ours}
        )


@pytest.mark.parametrize("system", OBJECTS)
def test_a_record_that_does_not_exist_is_left_out(
    vendors: SandboxProcess, destinations: Mapping[str, Destination], system: str
) -> None:
    """Reading says nothing about a record that is not there."""
    missing = {
        "salesforce": "001000000000000AAA",
        "stripe": "cus_none",
        "zendesk": "99",
        "netsuite": "987654",
    }
    (change,) = some(vendors, system, 0, 1)

    assert destinations[system].read([replace(change, record_id=missing[system])]) == {}


@pytest.mark.parametrize("system", OBJECTS)
def test_a_lost_answer_is_an_unknown_outcome(
    vendors: SandboxProcess, destinations: Mapping[str, Destination], system: str
) -> None:
    """The write took effect, the connection broke: Unknown, and reading shows it."""
    (change,) = some(vendors, system, 3, 1)
    destinations[system].read([change])
    vendors.faults(
        [
            {"system": system, "method": method, "kind": "lost_response"}
            for method in ("PATCH", "POST", "PUT")
            if method != "POST" or system == "stripe"
        ]
    )

    with pytest.raises(Unknown):
        destinations[system].send(outgoing(change))

    held = destinations[system].read([change])[change.change_id]
    assert held.fields[change.fields[0].field] == change.fields[0].ours


@pytest.mark.parametrize("system", OBJECTS)
@pytest.mark.parametrize(
    ("status", "reaction"),
    [(401, Refused), (403, (Refused, Transient)), (429, Transient), (500, Unknown)],
)
def test_a_status_becomes_the_reaction_it_asks_for(
    vendors: SandboxProcess,
    destinations: Mapping[str, Destination],
    system: str,
    status: int,
    reaction: type[Exception],
) -> None:
    """Four words instead of each vendor's codes."""
    (change,) = some(vendors, system, 4, 1)
    destinations[system].read([change])
    method = {"salesforce": "PATCH", "netsuite": "PATCH", "zendesk": "PUT"}.get(
        system, "POST"
    )
    vendors.faults(
        [
            {
                "system": system,
                "method": method,
                "kind": "status",
                "status": status,
                # The day's calls are not spent by it: other tests share the budget.
                "headers": {
                    "Sforce-Limit-Info": "api-usage=18/100000",
                    "Retry-After": "0",
                },
                "times": 2,
            }
        ]
    )

    with pytest.raises(reaction):
        destinations[system].send(outgoing(change))


@pytest.mark.parametrize(
    ("system", "method", "body"),
    [
        ("salesforce", "PATCH", {"not": "a list"}),
        ("salesforce", "PATCH", []),
        ("stripe", "POST", ["not", "an", "object"]),
        ("zendesk", "PUT", []),
    ],
)
def test_a_success_of_another_form_is_an_unknown_outcome(
    vendors: SandboxProcess,
    destinations: Mapping[str, Destination],
    system: str,
    method: str,
    body: Any,
) -> None:
    """What cannot be understood is not taken for done."""
    (change,) = some(vendors, system, 5, 1)
    destinations[system].read([change])
    vendors.faults(
        [
            {
                "system": system,
                "method": method,
                "kind": "status",
                "status": 200,
                "body": body,
            }
        ]
    )

    with pytest.raises(Unknown):
        destinations[system].send(outgoing(change))


def test_only_connected_systems_are_destinations(vendors: SandboxProcess) -> None:
    """A system whose settings are missing is no destination."""
    environ = {
        name: value
        for name, value in vendors.environment.items()
        if name.startswith("STRIPE")
    }

    assert list(connect(environ)) == ["stripe"]


def test_amounts_have_their_currency_s_places() -> None:
    """Yen have none, dollars two, dinars three."""
    assert [exponent(code) for code in ("JPY", "usd", "KWD")] == [0, 2, 3]
    assert str(major(1234, "JPY")) == "1234"
    assert str(major(1234, "USD")) == "12.34"
    assert str(major(1234, "KWD")) == "1.234"
    assert minor(major(-5, "EUR"), "EUR") == -5
    with pytest.raises(ValueError, match="finer"):
        minor(major(1234, "KWD"), "USD")
