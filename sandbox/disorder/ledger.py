"""Disorder in the ledger: journals, closed periods, rates, entities."""

from datetime import date
from decimal import Decimal
from random import Random

from sandbox.company.days import plus
from sandbox.company.entities import GROUP
from sandbox.company.facts import Invoice
from sandbox.disorder.catalogue import Owned, disorder, invoices, is_plain
from sandbox.disorder.scene import Planted, Scene
from sandbox.netsuite.documents_ids import invoice_id as posting_id
from sandbox.netsuite.documents_ids import subsidiary_id
from sandbox.netsuite.documents_ledger import (
    ACCOUNT_IDS,
    EXPENSES,
    RECEIVABLE,
    journal_document,
    open_since,
)
from sandbox.netsuite.documents_lines import invoice_lines
from sandbox.shapes import netsuite_time

# Internal ids of journals that nobody should have posted: behind every other one.
FIRST_STRAY = 97 * 10**8


def _accruals(scene: Scene) -> list[Owned[str]]:
    return [
        (f"journal:{each['id']}", each["id"])
        for each in scene.documents["netsuite"]["journalentry"]
        if each["memo"].startswith("Office")
    ]


def _unbalanced(scene: Scene, entry: str, rng: Random) -> Planted:
    place = "netsuite", "transactionline", f"{entry}-0"
    wrong = scene.look(*place)["debit"] + rng.randint(1, 500)
    scene.record(*place).update({"foreignamount": wrong, "netamount": wrong})
    note = "approval: debits and credits of the journal differ"
    return scene.changed(*place, "debit", wrong, note)


def _by_hand(
    scene: Scene,
    entry: str,
    rng: Random,
    *,
    closed: bool,
    account: str,
    note: str,
    against: str = EXPENSES,
) -> Planted:
    """Post a journal besides an existing one."""
    like = scene.look("netsuite", "journalentry", entry)
    since = open_since(scene.company)
    day = plus(since, -rng.randint(40, 80)) if closed else scene.company.as_of
    code = next(
        (e.code for e in GROUP if subsidiary_id(e.code) == like.get("subsidiary")), "US"
    )
    journal, lines = journal_document(
        scene.company,
        str(FIRST_STRAY + int(entry) % 10**8),
        None,
        day,
        Decimal(rng.randint(200, 9_000)),
        currency=like["currency"],
        entity=code,
        memo="Adjustment",
        accounts=(account, against),
    )
    entered = netsuite_time(scene.company.as_of, 17)
    journal |= {"createddate": entered, "lastmodifieddate": entered}
    for line in lines:
        scene.add("netsuite", "transactionline", line | {"lastmodifieddate": entered})
    return scene.added("netsuite", "journalentry", journal, note)


def _receivable_by_hand(scene: Scene, entry: str, rng: Random) -> Planted:
    note = "person: receivables that no customer owes were posted by hand"
    return _by_hand(scene, entry, rng, closed=False, account=RECEIVABLE, note=note)


def _after_closing(scene: Scene, entry: str, rng: Random) -> Planted:
    note = "approval: posted into a period that was closed by then"
    return _by_hand(scene, entry, rng, closed=True, account=EXPENSES, note=note)


def _deferred_remeasured(scene: Scene, entry: str, rng: Random) -> Planted:
    return _by_hand(
        scene,
        entry,
        rng,
        closed=False,
        account=ACCOUNT_IDS["2400"],
        note="person: deferred revenue was remeasured at the rate of the month",
        against=ACCOUNT_IDS["7100"],
    )


def _rates(scene: Scene) -> list[Owned[str]]:
    rates = scene.documents["netsuite"]["currencyrate"]
    return [(f"rate:{each['id']}", each["id"]) for each in rates]


def _later_rates(scene: Scene) -> list[Owned[str]]:
    """Return the rates before which the currency has another one."""
    first = scene.company.starts_on.isoformat()
    rates = scene.documents["netsuite"]["currencyrate"]
    return [
        (f"rate:{each['id']}", each["id"])
        for each in rates
        if each["effectivedate"] > first
    ]


def _late(scene: Scene, rate: str, rng: Random) -> Planted:
    place = "netsuite", "currencyrate", rate
    day = date.fromisoformat(scene.look(*place)["effectivedate"])
    late = plus(day, rng.randint(15, 25)).isoformat()
    note = "approval: the month before had to do for the first weeks of this one"
    return scene.changed(*place, "effectivedate", late, note)


def _slipped(scene: Scene, rate: str, _rng: Random) -> Planted:
    place = "netsuite", "currencyrate", rate
    wrong = scene.look(*place)["exchangerate"] * 10
    note = "approval: the decimal point of the rate slipped"
    return scene.changed(*place, "exchangerate", wrong, note)


def _other_entity(scene: Scene, invoice: Invoice, _rng: Random) -> Planted:
    own = invoice.customer.entity
    other = next(e.code for e in GROUP if e.erp == "netsuite" and e.code != own)
    place = "netsuite", "invoice", posting_id(invoice)
    for line in invoice_lines(scene.company, invoice):
        scene.record("netsuite", "transactionline", line["id"])["subsidiary"] = (
            subsidiary_id(other)
        )
    note = "approval: posted in the books of an entity that did not sell it"
    return scene.changed(*place, "subsidiary", subsidiary_id(other), note)


_JOURNAL = "netsuite.journalentry netsuite.transactionline"
DISORDERS = (
    disorder(
        "receivable posted by hand",
        "C11",
        _JOURNAL,
        _accruals,
        _receivable_by_hand,
        needs="ledger",
    ),
    disorder(
        "posting into a closed period",
        "R09 B06",
        _JOURNAL,
        _accruals,
        _after_closing,
        needs="ledger",
    ),
    disorder(
        "journal that does not balance",
        "R15",
        "netsuite.transactionline",
        _accruals,
        _unbalanced,
        needs="ledger",
    ),
    disorder(
        "exchange rate weeks late",
        "E03",
        "netsuite.currencyrate",
        _later_rates,
        _late,
        needs="ledger",
    ),
    disorder(
        "exchange rate ten times too high",
        "E03",
        "netsuite.currencyrate",
        _rates,
        _slipped,
        needs="ledger",
    ),
    disorder(
        "deferred revenue remeasured",
        "E06",
        _JOURNAL,
        _accruals,
        _deferred_remeasured,
        needs="ledger",
    ),
    disorder(
        "invoice in the books of another entity",
        "E05",
        "netsuite.invoice netsuite.transactionline",
        invoices(is_plain),
        _other_entity,
        needs="entities",
    ),
)
