"""Described: what a system says of its fields is what it then takes and turns down."""

from pathlib import Path

import pytest

from reverse_etl.contract import load_contract
from reverse_etl.described import Describes, describe, unfit
from sandbox.credentials import Credentials
from tests.reverse_etl.destinations.place import opened
from tests.reverse_etl.destinations.target import Target
from tests.reverse_etl.destinations.targets import HUBSPOT, NETSUITE, SALESFORCE

MODELS = Path(__file__).parents[3] / "transform" / "models"
KINDS = {
    "a field that is not there": "missing_field",
    "a value too long": "too_long",
    "a value not allowed": "not_allowed",
}
# NetSuite's metadata say no more of a text than that it is one.
UNTOLD = {"netsuite": ("a value too long", "a value not allowed")}
# A field that the vendor fills itself.
FILLED = {
    "salesforce": "SystemModstamp",
    "hubspot": "hs_object_id",
    "netsuite": "lastModifiedDate",
}


@pytest.mark.parametrize("told", [SALESFORCE, HUBSPOT, NETSUITE], ids=lambda t: t.name)
def test_what_the_vendor_turns_down_is_found_before_it_is_planned(
    told: Target, keys: Credentials, tmp_path: Path
) -> None:
    """One exception beforehand, instead of a rejection for each record."""
    at = (told.name, told.object)
    pushed = _pushed(told.name)
    with opened(told, keys, tmp_path) as place:
        assert isinstance(place.destination, Describes)
        objects = {at, *((told.name, name) for name, _ in pushed)}
        described = describe({told.name: place.destination}, objects)

    found = {}
    for wrong, bad in told.bad.items():
        why = unfit(described, *at, bad.field, bad.value)
        found[wrong] = why.kind if why else None
    filled = unfit(described, *at, FILLED[told.name], "x")

    untold = UNTOLD.get(told.name, ())
    assert found == {each: None if each in untold else KINDS[each] for each in told.bad}
    assert filled is not None
    assert filled.kind == "read_only"
    assert unfit(described, *at, told.field, told.text.format(1)) is None
    # A description that is misread would hold back what the contract pushes.
    assert [each for each in pushed if unfit(described, told.name, *each, None)] == []


def _pushed(system: str) -> list[tuple[str, str]]:
    """Return each object of a system with each field that our contract writes there."""
    return [
        (receiver.object, name)
        for entity in load_contract(MODELS).entities
        for receiver in entity.receivers
        if receiver.system == system
        for _, name in entity.pushed(receiver)
    ]
