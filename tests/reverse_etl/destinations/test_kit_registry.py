"""Every destination of the registry is tried by this kit, and says what it promises."""

from collections.abc import Callable
from pathlib import Path

from reverse_etl.contract import load_contract
from reverse_etl.destinations.registry import DESTINATIONS
from tests.reverse_etl.destinations.place import Place
from tests.reverse_etl.destinations.target import Target
from tests.reverse_etl.destinations.targets import ELSEWHERE, TARGETS

ROOT = Path(__file__).parents[3]


def test_every_destination_is_tried(
    record_property: Callable[[str, object], None],
) -> None:
    """One without an entry is tried by nobody; who is tried elsewhere is named."""
    record_property("tried elsewhere", dict(ELSEWHERE))

    assert {target.name for target in TARGETS} | ELSEWHERE.keys() == set(DESTINATIONS)


def test_every_receiver_of_the_contract_has_a_destination() -> None:
    """A field that the contract pushes to a system is written by somebody."""
    entities = load_contract(ROOT / "transform" / "models").entities
    systems = {each.system for entity in entities for each in entity.receivers}

    assert systems == set(DESTINATIONS)


def test_a_destination_says_what_it_promises(
    place: Place, target: Target, record_property: Callable[[str, object], None]
) -> None:
    """How many records a call takes, and what keeps an edit and a creation safe."""
    caps = place.destination.caps

    record_property(
        "measured",
        {
            "records of a reading": caps.read_size,
            "records of a writing": target.per_call,
            "condition": caps.condition(target.object),
            "sent twice": dict(caps.creates),
        },
    )
    assert place.destination.system == target.name
    assert caps.read_size >= 1
    assert caps.write_size >= target.per_call
    assert bool(caps.creates) == (target.made is not None or target.name == "stripe")
