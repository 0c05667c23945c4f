"""Disorder in products: what is sold, at which price, and what the books call it."""

from collections.abc import Callable
from random import Random

from sandbox.company.catalogue import Charge, Product
from sandbox.disorder.catalogue import Finder, Owned, disorder
from sandbox.disorder.scene import Planted, Scene
from sandbox.netsuite.documents_ids import item_id
from sandbox.salesforce.documents import product_id
from sandbox.salesforce.documents_ids import pricebook_entry_id

# There are about a dozen products: one of them is hit.
ONE = 0.05


def _products(suits: Callable[[Product], bool] = lambda _: True) -> Finder[Product]:
    def find(scene: Scene) -> list[Owned[Product]]:
        return [
            (f"product:{each.sku}", each)
            for each in scene.company.products
            if suits(each)
        ]

    return find


def _place(scene: Scene, product: Product) -> tuple[str, str, str]:
    return "salesforce", "Product2", product_id(scene.company, product.sku)


def _no_item(scene: Scene, product: Product, _rng: Random) -> Planted:
    called = f"{product.sku.lower().replace('-', ' ')} (old)"
    scene.record("netsuite", "item", item_id(product.sku))["itemid"] = called
    note = f"automatic: NetSuite calls it {called!r}"
    return scene.changed(*_place(scene, product), "ERP_Item__c", None, note)


def _shared_item(scene: Scene, product: Product, rng: Random) -> Planted:
    others = [each for each in scene.company.products if each is not product]
    other = rng.choice(others)
    note = f"person: posted to the item of {other.sku}"
    wrong = item_id(other.sku)
    return scene.changed(*_place(scene, product), "ERP_Item__c", wrong, note)


def _other_list_price(scene: Scene, product: Product, rng: Random) -> Planted:
    currency = scene.company.customers[0].currency
    entry = pricebook_entry_id(
        scene.company, f"Price Book {currency}", product.sku, currency
    )
    place = "salesforce", "PricebookEntry", entry
    wrong = scene.look(*place)["UnitPrice"] * rng.choice((90, 95, 110)) / 100
    note = "automatic: the list price in billing is another"
    return scene.changed(*place, "UnitPrice", wrong, note)


def _no_rule(scene: Scene, product: Product, _rng: Random) -> Planted:
    place = "netsuite", "item", item_id(product.sku)
    scene.record(*place)["deferredrevenueaccount"] = None
    note = "approval: nobody said how its revenue is recognised"
    return scene.changed(*place, "revenuerecognitionrule", None, note)


DISORDERS = (
    disorder(
        "product without an item in the ERP",
        "M07",
        "salesforce.Product2 netsuite.item",
        _products(),
        _no_item,
        rate=ONE,
    ),
    disorder(
        "two products on one item",
        "M08",
        "salesforce.Product2",
        _products(),
        _shared_item,
        rate=ONE,
    ),
    disorder(
        "other list price in the CRM than in billing",
        "M09",
        "salesforce.PricebookEntry",
        _products(lambda each: each.charge is Charge.RECURRING and each.list_cents > 0),
        _other_list_price,
        needs="bundles",
        rate=ONE,
    ),
    disorder(
        "item without a revenue rule",
        "M10",
        "netsuite.item",
        _products(),
        _no_rule,
        needs="ledger",
        rate=ONE,
    ),
)
