"""Registry: every disorder that can be planted, and every check that none can show.

A check is named as in the reconciliation catalogue. UNPLANTABLE says of each one that
has no disorder why no record of a vendor could hold it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sandbox.disorder import (
    acquired,
    billing,
    business_central,
    cash,
    duplicates,
    ledger,
    links,
    master_data,
    orders,
    payouts,
    postings,
    products,
    quotes,
    rating,
    subscriptions,
    support,
    terms,
    usage,
)
from sandbox.disorder.catalogue import Disorder

DISORDERS: tuple[Disorder[Any], ...] = (
    *links.DISORDERS,
    *master_data.DISORDERS,
    *duplicates.DISORDERS,
    *products.DISORDERS,
    *quotes.DISORDERS,
    *orders.DISORDERS,
    *subscriptions.DISORDERS,
    *terms.DISORDERS,
    *usage.DISORDERS,
    *rating.DISORDERS,
    *billing.DISORDERS,
    *postings.DISORDERS,
    *cash.DISORDERS,
    *payouts.DISORDERS,
    *ledger.DISORDERS,
    *support.DISORDERS,
    *acquired.DISORDERS,
    *business_central.DISORDERS,
)
BY_NAME: Mapping[str, Disorder[Any]] = MappingProxyType(
    {each.name: each for each in DISORDERS}
)

# How many checks each part of the catalogue has.
CATALOGUE = {
    "M": 13,
    "Q": 12,
    "S": 16,
    "U": 11,
    "B": 14,
    "C": 14,
    "R": 22,
    "X": 6,
    "E": 6,
    "T": 6,
    "P": 10,
}
CHECKS = tuple(
    f"{part}{number:02}"
    for part, count in CATALOGUE.items()
    for number in range(1, count + 1)
)

_DERIVED = "derived in the warehouse: no source holds either side"
_SUBLEDGER = "between parts of our own revenue sub-ledger"
_POSTED_REVENUE = "against journals that we export once a month is closed"
_CONSOLIDATION = "not yet: the ERP here holds no intercompany or group entries"
_CONDITION = "a condition of the sandbox, not a record: "
_OWN_SYNC = "about our own pushes and exceptions: "
UNPLANTABLE: Mapping[str, str] = MappingProxyType(
    {
        "Q11": "not yet: the ERP here gets invoices and no sales orders",
        "Q12": "needs a contract repository (CLM), which no vendor here is",
        "S13": _DERIVED,
        "S14": _DERIVED,
        "U03": _DERIVED,
        "U10": _CONDITION + "rows lost on the way (control totals of a load)",
        "B11": "needs a tax engine, which no vendor here is",
        "B14": _DERIVED + "; the rate of the other checks' exceptions",
        "C14": _DERIVED,
        "R01": _SUBLEDGER,
        "R02": _SUBLEDGER,
        "R03": _SUBLEDGER,
        "R04": _SUBLEDGER,
        "R05": _SUBLEDGER,
        "R06": _POSTED_REVENUE,
        "R07": _POSTED_REVENUE,
        "R08": _POSTED_REVENUE,
        "R10": _SUBLEDGER,
        "R11": _SUBLEDGER,
        "R12": "about treatments that people record in our own tables",
        "R13": "about selling prices that people record in our own tables",
        "R14": "needs variable estimates, which no vendor here states",
        "R16": _SUBLEDGER,
        "R17": "about holds that people record in our own tables",
        "R18": _SUBLEDGER,
        "R19": _DERIVED,
        "R20": _SUBLEDGER,
        "R21": _OWN_SYNC + "journals that we export",
        "R22": "needs commissions, which no vendor here pays",
        "X02": _DERIVED,
        "X03": _DERIVED,
        "X04": _DERIVED,
        "X05": _DERIVED + "; a load that lost rows is a condition",
        "E01": _CONSOLIDATION,
        "E02": _CONSOLIDATION,
        "E04": _CONSOLIDATION,
        "T03": "needs a product that counts seats, which no vendor here is",
        "P01": _CONDITION + "lag",
        "P02": _CONDITION + "rows lost on the way",
        "P03": _CONDITION + "drift",
        "P04": _DERIVED,
        "P05": _OWN_SYNC + "lost writes are faults",
        "P06": _OWN_SYNC + "edits in between are made by the control door",
        "P07": _OWN_SYNC + "echoes follow from webhooks",
        "P09": _OWN_SYNC + "their age",
    }
)
