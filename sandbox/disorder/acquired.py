"""Disorder in the acquired entity's own billing: Chargebee instead of Stripe."""

from random import Random

from sandbox.chargebee.documents_ids import customer_id, subscription_id
from sandbox.company.facts import Contract, Customer
from sandbox.disorder.catalogue import COMMON, contracts, customers, disorder
from sandbox.disorder.scene import Planted, Scene
from sandbox.shapes import Document


def _of(contract: Contract) -> tuple[str, str, str]:
    return "chargebee", "subscription", subscription_id(contract.key)


def _unlinked(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    place = "chargebee", "customer", customer_id(customer)
    right = scene.record(*place)["meta_data"].pop("salesforce_account_id")
    note = "automatic: the customer in billing does not say which account it is"
    return Planted("", *place, "meta_data.salesforce_account_id", right, None, note)


def _ended(scene: Scene, contract: Contract) -> bool:
    return contract.ends_before <= scene.company.as_of


def _still_billing(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    document: Document = scene.record(*_of(contract))
    document.pop("cancelled_at", None)
    document.pop("cancel_reason_code", None)
    note = f"approval: the contract ended on {contract.ends_before} and still bills"
    return scene.changed(*_of(contract), "status", "active", note)


def _has_units(scene: Scene, contract: Contract) -> bool:
    items = scene.look(*_of(contract))["subscription_items"]
    is_sold = bool(items) and "quantity" in items[0]
    return is_sold and contract.in_force(scene.company.as_of)


def _other_quantity(scene: Scene, contract: Contract, rng: Random) -> Planted:
    item = scene.record(*_of(contract))["subscription_items"][0]
    wrong = item["quantity"] + rng.randint(1, 9)
    item["amount"] = item["amount"] * wrong // item["quantity"]
    note = "approval: billing has another quantity than the order"
    field = "subscription_items.0.quantity"
    return scene.changed(*_of(contract), field, wrong, note)


DISORDERS = (
    disorder(
        "acquired customer without a CRM account",
        "M01",
        "chargebee.customer",
        customers(of="chargebee"),
        _unlinked,
        needs="entities",
        rate=COMMON,
    ),
    disorder(
        "acquired contract ended, still billing",
        "S08 S04",
        "chargebee.subscription",
        contracts(_ended, of="chargebee"),
        _still_billing,
        needs="entities",
        rate=COMMON,
    ),
    disorder(
        "acquired contract of another quantity",
        "S03 S04",
        "chargebee.subscription",
        contracts(_has_units, of="chargebee"),
        _other_quantity,
        needs="entities",
        rate=COMMON,
    ),
)
