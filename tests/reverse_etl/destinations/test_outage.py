"""Outage: a system that was away for six hours gets everything, once and in order.

Its clock, ours and that of the rate limit move together when somebody waits, so six
hours take a second, and the sandbox still counts the calls of each of its seconds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reverse_etl.change import Change, FieldChange
from reverse_etl.policy import Policy
from reverse_etl.push import Progress, push
from reverse_etl.read_back import read_back
from sandbox.credentials import Credentials
from tests.reverse_etl.destinations.passing import Passing
from tests.reverse_etl.destinations.place import Place, opened
from tests.reverse_etl.destinations.target import Call
from tests.reverse_etl.destinations.targets import STRIPE
from tests.reverse_etl.support import admit, create

ITEMS = 80
BEFORE = 20  # calls that got through before the system went away
RUNS, EVERY_SECONDS = 24, 900.0
# docs.stripe.com/rate-limits: of one endpoint, in a second.
PER_SECOND = 25
TARGET = 0.9
ROOMY = Policy(run_limit=ITEMS, canary=0)


def items(place: Place) -> list[Change]:
    """Return invoice items to be made, a few for each customer."""
    customers = [place.document(each) for each in place.ids()]
    return [
        replace(
            create(f"late{number:03}", system="stripe", object="invoiceitem"),
            change_id=f"item{number:03}",
            amount_minor=None,
            fields=tuple(
                FieldChange(name, name, None, value)
                for name, value in {
                    "customer": customer["id"],
                    "amount": str(100 + number),
                    "currency": (customer.get("currency") or "usd").upper(),
                    "description": f"Late usage {number}",
                }.items()
            ),
        )
        for number in range(ITEMS)
        if (customer := customers[number % len(customers)])
    ]


def made(place: Place) -> list[str]:
    """Return our keys in the order in which Stripe made items under them."""
    held = {
        each["id"]: (each.get("metadata") or {}).get("concord_key")
        for each in place.store.collection("stripe", "invoiceitem")
    }
    born = dict.fromkeys(line.id for line in place.store.journal if line.id in held)
    return [key for record_id in born if (key := held[record_id])]


def test_after_six_hours_away_all_arrives_once_and_in_order(
    keys: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer is lost as it goes; then it drains as fast as the limit lets us."""
    passing = Passing()
    monkeypatch.setattr("ingestion.transport.budget._budgets", {})
    monkeypatch.setattr("ingestion.transport.budget.Wall.pause", passing.pause)
    monkeypatch.setattr("ingestion.transport.budget.Wall.now", passing.now)
    with opened(STRIPE, keys, tmp_path) as place:
        passing.place = place
        place.store.set_conditions({"stripe": {}})
        changes = items(place)
        sizes = {("stripe", "invoiceitem"): 1000}
        admit(place.ledger, *changes, policy=ROOMY, sizes=sizes)
        place.spoil("lost_response", Call("POST", "/v1/invoiceitems", BEFORE))
        _run(place, passing, unplug_after=BEFORE + 2)
        assert 0 < len(made(place)) < ITEMS

        for _ in range(RUNS):
            _run(place, passing)
            passing.pause(EVERY_SECONDS)
        place.way.is_unplugged = False
        place.calls.clear()
        began = passing.now()
        _run(place, passing)
        took = passing.now() - began

        assert made(place) == [change.external_key for change in changes]
        read_back(place.ledger, {"stripe": place.destination}, place.clock)
        assert Counter(place.ledger.outcomes().values()) == {"confirmed": ITEMS}
        assert set(_answers(place.calls)) == {"/v1/invoiceitems"}
        floor = (len(_answers(place.calls)) - 1) // PER_SECOND
        assert floor / took >= TARGET


def _run(place: Place, passing: Passing, unplug_after: int | None = None) -> None:
    """Push once; unplug the system before so many calls that write."""
    sent = 0

    def follow(progress: Progress) -> None:
        nonlocal sent
        sent += progress.step == "sending"
        if sent == unplug_after:
            place.unplug()

    there = {"stripe": place.destination}
    push(place.ledger, there, place.clock, follow, pause=passing.pause, policy=ROOMY)


def _answers(calls: Sequence[str]) -> list[str]:
    """Return the paths that were called."""
    return [call.partition(" ")[2] for call in calls]
