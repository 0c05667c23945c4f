"""Many scenarios as one: the models take as long for one contract as for ten."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.revenue.scenario import Row


def together(scenarios: Sequence[Row]) -> Row:
    """Return one scenario of all contracts; the ids carry their scenario's number."""
    contracts, events, prices = [], [], []
    for number, scenario in enumerate(scenarios):
        prices += scenario.get("ssp", [])
        contracts += [
            {**row, "id": f"{number}-{row['id']}"} for row in scenario["contracts"]
        ]
        events += [
            {key: _numbered(key, value, number) for key, value in event.items()}
            for event in scenario.get("events", [])
        ]
    return {"name": "all", "ssp": prices, "contracts": contracts, "events": events}


def _numbered(kind: str, what: Any, number: int) -> Any:
    """Return what happened with the ids of contracts and invoices numbered."""
    if not isinstance(what, Mapping):
        return what
    ids = (
        ("contract", "invoice", "id") if kind == "invoice" else ("contract", "invoice")
    )
    return {
        key: f"{number}-{value}" if key in ids else value for key, value in what.items()
    }
