"""Payouts: which movements of the balance each one brought to the bank.

No record names its payout: Stripe tells it by a filter, once it has put the payout
together (docs.stripe.com/payouts/reconciliation), and then it never changes. Of a
payout that a person ordered it tells nothing.
"""

from collections.abc import Iterable

from ingestion.errors import naming
from ingestion.readings import Arrival, Batch, Children, Document, Page, Step
from ingestion.stripe.lists import after, bounds, page, whole
from ingestion.stripe.objects import BALANCE
from ingestion.transport.rest import Rest

STREAM = "payout_transactions"
COLUMN = "payout"
_TOLD = "completed"


def listed(step: Step) -> Page:
    """Return a page of all payouts' movements.

    Raises:
        SystemFault: they cannot be read.
    """
    with naming("payout"):
        payouts, following = page(step.rest, "/v1/payouts", bounds(step), after(step))
    return Page(members(step.rest, payouts), following)


def members(rest: Rest, payouts: Iterable[Document]) -> list[Arrival]:
    """Return what these payouts consist of, as far as Stripe tells.

    Raises:
        SystemFault: it cannot be read.
    """
    arrivals: list[Arrival] = []
    told = []
    for payout in payouts:
        if payout.get("reconciliation_status") != _TOLD:
            continue
        told.append(payout["id"])
        with naming("payout", payout["id"]):
            rows = whole(rest, BALANCE.path, {"payout": payout["id"]})
        arrivals.append(Batch(STREAM, rows, {COLUMN: payout["id"]}))
    if told:
        arrivals.append(Children(STREAM, COLUMN, told))
    return arrivals
