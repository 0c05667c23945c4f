"""Disorder between quote and order: what was signed, and what was entered."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from sandbox.company.catalogue import Charge
from sandbox.company.facts import Contract, Customer, Deal, Kind
from sandbox.disorder.catalogue import (
    COMMON,
    Finder,
    Owned,
    customers,
    disorder,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.salesforce.documents import (
    contract_document,
    contract_id,
    opportunity_id,
    quote_id,
    subscription_id,
)


def amendments(scene: Scene, customer: Customer) -> list[tuple[Contract, Deal]]:
    """Return running contracts with a deal that added units of what was held."""
    return [
        (contract, deal)
        for contract in scene.company.in_force(customer)
        for deal in deals_of(scene, contract.key)
        if deal.kind is Kind.AMENDMENT and deal.is_won and _same_product(contract, deal)
    ]


def deals_of(scene: Scene, contract_key: str) -> list[Deal]:
    """Return the deals of a contract."""
    groups = scene.grouped_deals
    return groups.get(contract_key, [])


def _same_product(contract: Contract, deal: Deal) -> bool:
    held = {line.sku for line in contract.lines if line.starts_on < deal.starts_on}
    recurring = [line for line in contract.lines if line.deal_key == deal.key]
    return any(
        line.sku in held and line.charge is Charge.RECURRING for line in recurring
    )


def second_contract(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    """Make of the last amendment a contract beside the first one."""
    contract, deal = amendments(scene, customer)[-1]
    number = scene.next_contract_number()
    second = replace(
        contract,
        key=f"{contract.key}:second",
        number=number,
        deal_key=deal.key,
        starts_on=deal.starts_on,
    )
    quote = scene.record("salesforce", "SBQQ__Quote__c", quote_id(deal.key))
    quote |= {"SBQQ__Type__c": "Quote", "SBQQ__MasterContract__c": None}
    opportunity = scene.record("salesforce", "Opportunity", opportunity_id(deal.key))
    opportunity["Type"] = str(Kind.NEW)
    document = contract_document(scene.company, second)
    scene.add("salesforce", "Contract", document)
    for line in contract.lines:
        if line.deal_key == deal.key:
            row = scene.record(
                "salesforce", "SBQQ__Subscription__c", subscription_id(line.key)
            )
            row["SBQQ__Contract__c"] = document["Id"]
    return Planted(
        "",
        "salesforce",
        "Contract",
        document["Id"],
        "Master_Contract__c",
        contract_id(contract.key),
        None,
        f"approval: contract {number:08} is an amendment of {contract.number:08}",
    )


def _amended(scene: Scene, customer: Customer) -> bool:
    return bool(amendments(scene, customer))


def _won(suits: Callable[[Deal], bool] = lambda _: True) -> Finder[Deal]:
    def find(scene: Scene) -> list[Owned[Deal]]:
        return [
            (deal.customer.key, deal)
            for deal in scene.books.deals
            if deal.is_won and deal.total_minor > 0 and suits(deal)
        ]

    return find


def more(amount: Decimal, rng: Random) -> Decimal:
    """Return an amount that is too high."""
    return amount + amount.copy_abs() * rng.randint(1, 30) / 100 + 1


def _quote_total(scene: Scene, deal: Deal, rng: Random) -> Planted:
    place = "salesforce", "SBQQ__Quote__c", quote_id(deal.key)
    wrong = more(scene.look(*place)["SBQQ__NetAmount__c"], rng)
    note = "approval: the quote's lines sum to another amount"
    return scene.changed(*place, "SBQQ__NetAmount__c", wrong, note)


def _opportunity_amount(scene: Scene, deal: Deal, rng: Random) -> Planted:
    place = "salesforce", "Opportunity", opportunity_id(deal.key)
    wrong = more(scene.look(*place)["Amount"], rng)
    note = "automatic: the primary quote has another amount"
    return scene.changed(*place, "Amount", wrong, note)


def _unapproved(scene: Scene, deal: Deal, _rng: Random) -> Planted:
    place = "salesforce", "SBQQ__Quote__c", quote_id(deal.key)
    scene.record(*place).update(
        {
            "ApprovalStatus__c": "Pending",
            "Approved_On__c": None,
            "Approval_Reason__c": None,
        }
    )
    note = "approval: the discount is above the threshold and nobody consented"
    return scene.changed(*place, "Approved_By__c", None, note)


_QUOTE = "salesforce.SBQQ__Quote__c"
DISORDERS = (
    disorder(
        "amendment that made a second contract",
        "Q08",
        f"salesforce.Contract {_QUOTE} salesforce.SBQQ__Subscription__c"
        " salesforce.Opportunity",
        customers(_amended),
        second_contract,
        rate=COMMON,
    ),
    disorder("quote that its lines do not sum to", "Q03", _QUOTE, _won(), _quote_total),
    disorder(
        "opportunity of another amount than its quote",
        "Q04 X01",
        "salesforce.Opportunity",
        _won(),
        _opportunity_amount,
    ),
    disorder(
        "discount that nobody approved",
        "Q06",
        _QUOTE,
        _won(lambda deal: bool(deal.approvals)),
        _unapproved,
        needs="lifecycle",
    ),
)
