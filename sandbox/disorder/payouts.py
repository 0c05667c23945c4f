"""Disorder at the bank: payouts, their deposits, and disputes that were lost."""

from random import Random

from sandbox.company.facts import Dispute, Payout
from sandbox.disorder.catalogue import COMMON, Owned, disorder
from sandbox.disorder.rating import overages
from sandbox.disorder.scene import Planted, Scene
from sandbox.disorder.subscriptions import discounted_since
from sandbox.stripe.documents_ids import dispute_id, payout_id


def _payouts(scene: Scene) -> list[Owned[Payout]]:
    """Return the payouts whose amount no other mistake changes."""
    moving = {
        invoice.key
        for customer in scene.books.customers
        for invoice in discounted_since(scene, customer)
    }
    moving |= {over.invoice.key for _, over in overages(scene)}
    return [
        (f"payout:{payout.key}", payout)
        for payout in scene.books.payouts
        if not any(member.key in moving for member in payout.members)
    ]


def _other_payout(scene: Scene, payout: Payout, rng: Random) -> Planted:
    place = "stripe", "payout", payout_id(payout)
    wrong = scene.look(*place)["amount"] - rng.randint(100, 9_000)
    note = "approval: the transactions in the payout sum to another amount"
    return scene.changed(*place, "amount", wrong, note)


def _deposit(scene: Scene, payout: Payout) -> str:
    (deposit,) = scene.where("netsuite", "deposit", "externalid", payout_id(payout))
    return deposit


def _other_deposit(scene: Scene, payout: Payout, rng: Random) -> Planted:
    place = "netsuite", "deposit", _deposit(scene, payout)
    wrong = scene.look(*place)["foreigntotal"] - rng.randint(1, 90)
    note = "person: another amount reached the bank account than was paid out"
    return scene.changed(*place, "foreigntotal", wrong, note)


def _written_off(scene: Scene) -> list[Owned[Dispute]]:
    company = scene.company
    return [
        (company.invoice_by_key[each.invoice_key].customer.key, each)
        for each in scene.books.disputes
        if each.status == "lost"
    ]


def _not_written_off(scene: Scene, dispute: Dispute, _rng: Random) -> Planted:
    (entry,) = scene.where(
        "netsuite", "journalentry", "externalid", dispute_id(dispute)
    )
    for line in scene.where("netsuite", "transactionline", "transaction", entry):
        scene.remove("netsuite", "transactionline", line)
    note = "approval: the dispute was lost, and the books still have the money"
    return scene.lost("netsuite", "journalentry", entry, note)


DISORDERS = (
    disorder(
        "payout that its transactions do not sum to",
        "C04",
        "stripe.payout",
        _payouts,
        _other_payout,
        needs="payments",
    ),
    disorder(
        "other deposit than was paid out",
        "C05",
        "netsuite.deposit",
        _payouts,
        _other_deposit,
        needs="payments",
    ),
    disorder(
        "lost dispute that nobody wrote off",
        "C08",
        "netsuite.journalentry netsuite.transactionline",
        _written_off,
        _not_written_off,
        needs="ledger payments",
        rate=COMMON,
    ),
)
