"""Contracts that nobody wrote: up to six modifications each, and all about money."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.revenue.drafts import PRODUCTS, Draft, Draw, Drawn, cost, obligation
from tests.revenue.happenings import happen

FIRST = date(2025, 1, 1)
DAYS = 540  # in which things happen


@st.composite
def contracts(draw: Draw) -> Drawn:
    """Draw a contract and its events, under the id C."""
    draft = Draft(draw, draw(st.sampled_from(["USD", "USD", "JPY", "KWD"])))
    signed = FIRST + timedelta(draft.number(0, 60))
    for _ in range(draft.number(1, 4)):
        draft.obligations.append(obligation(draft, signed, ""))
    days = sorted(draft.number(0, DAYS) for _ in range(draft.number(2, 18)))
    for offset in days:
        happen(draft, signed + timedelta(offset))
    contract = {
        "id": "C",
        "customer": "Acme",
        "currency": draft.currency,
        "signed": signed,
        "obligations": draft.obligations,
    }
    if draft.chance(1):
        contract["costs"] = [cost(draft, signed)]
    return {"contract": contract, "events": draft.events}


def generated(examples: int, start: int = 0) -> list[Drawn]:
    """Return so many contracts, all different; the same for the same start.

    Of what hypothesis draws a quarter repeats something: it looks around what it has.
    """
    found: dict[str, Drawn] = {}

    @seed(start)
    @settings(
        max_examples=3 * examples // 2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(contracts())
    def collect(contract: Drawn) -> None:
        if len(found) < examples:
            found[repr(contract)] = contract

    collect()
    return list(found.values())


def batch(drafts: Sequence[Drawn]) -> Drawn:
    """Return one scenario of many contracts, each with ids of its own."""
    rows, events = [], []
    for number, draft in enumerate(drafts):
        name = f"C{number:04}"
        rows.append({**draft["contract"], "id": name, "customer": f"Customer {number}"})
        events += [_renamed(event, name) for event in draft["events"]]
    return {"name": "generated", "ssp": PRICES, "contracts": rows, "events": events}


# Standalone prices of four products: a point, a range, by the month, and a later one.
PRICES: list[Drawn] = [
    {
        "product": product,
        "currency": currency,
        "from": FIRST,
        "approved_by": "A. C.",
        **row,
    }
    for currency in ("USD", "JPY", "KWD")
    for product, row in zip(
        PRODUCTS,
        (
            {"mid": "120"},
            {"low": "500", "mid": "700", "high": "900"},
            {"mid": "75", "per": "month"},
            {"low": "1", "mid": "3", "high": "20"},
        ),
        strict=True,
    )
]


def _renamed(event: Drawn, name: str) -> Drawn:
    """Return an event of the contract with that id; invoices carry it too."""
    renamed = {}
    for key, value in event.items():
        if isinstance(value, dict):
            what = dict(value)
            if "contract" in what:
                what["contract"] = name
            if "invoice" in what:
                what["invoice"] = f"{name}-{what['invoice']}"
            if key in ("invoice", "payment", "credit_note", "refund"):
                what["id"] = f"{name}-{what['id']}"
            renamed[key] = what
        else:
            renamed[key] = value
    return renamed
