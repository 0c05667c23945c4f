"""Usual: the nine kinds of mistake that every company of the demo has.

The demo and the product's tests stand on them: which customers, which records, in
which order, with which notes follows from the seed alone and never changes.
"""

from collections.abc import Iterator
from dataclasses import replace

from sandbox.company.facts import Customer
from sandbox.company.names import words
from sandbox.disorder.billing import lose_invoice, unpaid
from sandbox.disorder.duplicates import (
    SAME_DOMAIN,
    SAME_NAME,
    SAME_TAX_ID,
    account_again,
    billing_customer_again,
    elsewhere,
)
from sandbox.disorder.quotes import amendments, second_contract
from sandbox.disorder.scene import Planted, Scene
from sandbox.disorder.subscriptions import discounted_since, endless_discount
from sandbox.disorder.usage import late_usage, metered
from sandbox.netsuite.documents import customer_id as netsuite_customer_id
from sandbox.netsuite.documents import item_id
from sandbox.salesforce.documents import account_id, product_id
from sandbox.stripe.documents_ids import customer_id
from sandbox.zendesk.documents import organization_id

# SKU, the item's name in the ERP, its description there, who repairs it.
MISMATCHED_ITEMS = (
    ("ADD-SSO", "add sso", "Single Sign-On", "automatic"),
    ("ADD-AUDIT", "TRAIL-BUNDLE-2", "Trail bundle 2", "person"),
)
CHECKS = {
    "endless_discount": "S05",
    "second_contract": "Q08",
    "late_usage": "U02",
    "payment_failure_not_in_crm": "C03",
    "missing_erp_invoice": "B01",
    "duplicate_customer": "M02",
    "ungranted_support_tier": "T01",
    "stale_master_data": "M04",
    "sku_mismatch": "M07",
}


def _of(kind: str, planted: Planted) -> Planted:
    return replace(planted, kind=kind)


def endless_discounts(scene: Scene) -> Iterator[Planted]:
    """The coupon was entered without an end, and each invoice since is too low."""
    kind = "endless_discount"

    def suits(customer: Customer) -> bool:
        return bool(discounted_since(scene, customer))

    for customer in scene.pick(kind, 4, suits):
        yield _of(kind, endless_discount(scene, customer, scene.rng))


def second_contracts(scene: Scene) -> Iterator[Planted]:
    """Units were added by a new quote, which made a contract beside the first one."""
    kind = "second_contract"

    def suits(customer: Customer) -> bool:
        return bool(amendments(scene, customer))

    for customer in scene.pick(kind, 4, suits):
        yield _of(kind, second_contract(scene, customer, scene.rng))


def late_usages(scene: Scene) -> Iterator[Planted]:
    """A day of usage arrived when the invoice of its month was already finalised."""
    kind = "late_usage"
    for customer in scene.pick(kind, 5, lambda each: bool(metered(scene, each))):
        yield _of(kind, late_usage(scene, customer, scene.rng))


def missing_erp_invoices(scene: Scene) -> Iterator[Planted]:
    """An open invoice never reached the ERP."""
    kind = "missing_erp_invoice"
    for customer in scene.pick(kind, 7, lambda each: bool(unpaid(scene, each))):
        yield _of(kind, lose_invoice(scene, unpaid(scene, customer)[0], scene.rng))


def duplicate_customers(scene: Scene) -> Iterator[Planted]:
    """Somebody entered a customer once more, under a slightly different name."""
    kind = "duplicate_customer"
    for place, customer in enumerate(scene.pick(kind, 2, _has_tax_id)):
        name = " ".join([*customer.legal_name.split()[:2], "International"])
        found = account_again(
            scene,
            customer,
            {"Name": name},
            SAME_TAX_ID,
            scene.rng,
            with_people=place == 0,
        )
        yield _of(kind, found)
    for place, customer in enumerate(scene.pick(kind, 2, _anybody)):
        first, *trade, form = customer.legal_name.split()
        name = f"{' '.join([first.upper(), *trade])}, {form.replace('.', '')}"
        found = account_again(
            scene,
            customer,
            {"Name": name, "Tax_Id__c": None},
            SAME_DOMAIN,
            scene.rng,
            with_people=place == 0,
        )
        yield _of(kind, found)
    for customer in scene.pick(kind, 2, _has_tax_id):
        yield _of(kind, billing_customer_again(scene, customer, scene.rng))
    for customer in scene.pick(kind, 2, _anybody):
        again = elsewhere(customer)
        found = account_again(
            scene, customer, again, SAME_NAME, scene.rng, with_people=False
        )
        yield _of(kind, found)


def _has_tax_id(customer: Customer) -> bool:
    return customer.tax_id is not None


def _anybody(customer: Customer) -> bool:
    return bool(customer.key)


def payment_failures_not_in_crm(scene: Scene) -> Iterator[Planted]:
    """The card was declined, and sales still believes that all is paid."""
    kind = "payment_failure_not_in_crm"
    for customer in scene.pick(kind, 6, scene.company.has_failed_payment):
        found = scene.changed(
            "salesforce",
            "Account",
            account_id(customer),
            "Payment_Status__c",
            "current",
            "automatic: the last invoice is open because the card was declined",
        )
        yield _of(kind, found)


def ungranted_support_tiers(scene: Scene) -> Iterator[Planted]:
    """Support serves as premium somebody who did not buy it."""
    kind, tier = "ungranted_support_tier", scene.company.support_tier
    for customer in scene.pick(kind, 6, lambda each: tier(each) != "premium"):
        found = scene.changed(
            "zendesk",
            "organization",
            organization_id(customer),
            "organization_fields.support_tier",
            "premium",
            "automatic: no contract in force has SUP-PREMIUM",
        )
        yield _of(kind, found)


def stale_master_data(scene: Scene) -> Iterator[Planted]:
    """One system still has the former name, or an address that changed elsewhere."""
    company, kind = scene.company, "stale_master_data"
    taken = len(company.customers) + len(company.prospects)
    spare = iter(words(company.seed, taken + len(company.customers))[taken:])
    for system, name, field, per_400, identify in (
        ("salesforce", "Account", "Name", 4, account_id),
        ("stripe", "customer", "name", 2, customer_id),
        ("zendesk", "organization", "name", 1, organization_id),
    ):
        for customer in scene.pick(kind, per_400, _anybody):
            form = customer.legal_name.split()[-1]
            former = f"{' '.join(next(spare))} {form}"
            note = "automatic: the company changed its name"
            record_id = identify(customer)
            found = scene.changed(system, name, record_id, field, former, note)
            yield _of(kind, found)
    for customer in scene.pick(kind, 3, _anybody):
        found = scene.changed(
            "netsuite",
            "customer",
            netsuite_customer_id(customer),
            "email",
            f"accounts@{customer.domain}",
            "automatic: invoices go to another address by now",
        )
        yield _of(kind, found)


def sku_mismatches(scene: Scene) -> Iterator[Planted]:
    """The ERP writes an item differently, and nobody linked it to the product."""
    for sku, itemid, displayname, repair in MISMATCHED_ITEMS:
        item = scene.record("netsuite", "item", item_id(sku))
        item |= {"itemid": itemid, "displayname": displayname}
        found = scene.changed(
            "salesforce",
            "Product2",
            product_id(scene.company, sku),
            "ERP_Item__c",
            None,
            f"{repair}: NetSuite calls it {itemid!r}",
        )
        yield _of("sku_mismatch", found)


# First the kinds to which few customers are open: the later ones take anybody.
KINDS = (
    endless_discounts,
    second_contracts,
    late_usages,
    payment_failures_not_in_crm,
    missing_erp_invoices,
    duplicate_customers,
    ungranted_support_tiers,
    stale_master_data,
    sku_mismatches,
)
