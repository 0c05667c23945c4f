"""Disorder in master data: who is who, what is sold, and what each system believes."""

from collections.abc import Iterator
from datetime import date, timedelta

from sandbox.company.days import epoch, plus
from sandbox.company.facts import Customer
from sandbox.company.names import words
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import salesforce_id, stripe_id
from sandbox.netsuite.documents import customer_id as netsuite_customer_id
from sandbox.netsuite.documents import item_id
from sandbox.salesforce.documents import account, account_id, contact, product_id
from sandbox.shapes import Document, salesforce_time
from sandbox.stripe.documents import customer_document
from sandbox.stripe.documents_ids import customer_id
from sandbox.zendesk.documents import organization_id

# SKU, the item's name in the ERP, its description there, who repairs it.
MISMATCHED_ITEMS = (
    ("ADD-SSO", "add sso", "Single Sign-On", "automatic"),
    ("ADD-AUDIT", "TRAIL-BUNDLE-2", "Trail bundle 2", "person"),
)


def duplicate_customers(scene: Scene) -> Iterator[Planted]:
    """Somebody entered a customer once more, under a slightly different name."""
    same_tax_id = scene.pick("duplicate_customer", 2, lambda c: c.tax_id is not None)
    for place, customer in enumerate(same_tax_id):
        name = " ".join([*customer.legal_name.split()[:2], "International"])
        again: Document = {"Name": name}
        note = "automatic: a later account with the same tax id"
        yield _account_again(scene, customer, again, note, with_people=place == 0)
    same_domain = scene.pick("duplicate_customer", 2, _healthy)
    for place, customer in enumerate(same_domain):
        first, trade, form = customer.legal_name.split()
        name = f"{first.upper()} {trade}, {form.replace('.', '')}"
        again = {"Name": name, "Tax_Id__c": None}
        note = (
            "automatic: a later account with the same domain and nearly the same name"
        )
        yield _account_again(scene, customer, again, note, with_people=place == 0)
    for customer in scene.pick("duplicate_customer", 2, lambda c: c.tax_id is not None):
        yield _stripe_customer_again(scene, customer)
    for customer in scene.pick("duplicate_customer", 2, _healthy):
        domain = f"{customer.domain.split('.')[0]}-group.example"
        again = {
            "Website": f"https://www.{domain}",
            "Billing_Email__c": f"billing@{domain}",
            "Tax_Id__c": None,
        }
        note = "person: same name, other domain, no tax id to compare"
        yield _account_again(scene, customer, again, note, with_people=False)


def _healthy(customer: Customer) -> bool:
    return bool(customer.key)


def _later(scene: Scene, customer: Customer) -> date:
    """Return a day between the first record's creation and a week before the last."""
    days = (scene.company.as_of - customer.created_on).days - 7
    return plus(customer.created_on, scene.rng.randint(7, max(days, 8)))


def _account_again(
    scene: Scene,
    customer: Customer,
    different: Document,
    note: str,
    *,
    with_people: bool,
) -> Planted:
    created = salesforce_time(_later(scene, customer), 13)
    stamps = {
        "CreatedDate": created,
        "LastModifiedDate": created,
        "SystemModstamp": created,
    }
    identity = salesforce_id("Account", customer.key, "again")
    document = account(scene.company, customer)
    document |= {
        "Id": identity,
        "Type": "Prospect",
        "Payment_Status__c": "current",
        **different,
        **stamps,
    }
    scene.add("salesforce", "Account", document)
    if with_people:
        person = customer.people[0]
        copied = contact(customer, person) | {
            "Id": salesforce_id("Contact", person.key, "again"),
            "AccountId": identity,
            **stamps,
        }
        scene.add("salesforce", "Contact", copied)
    return Planted(
        "duplicate_customer",
        "salesforce",
        "Account",
        identity,
        "Duplicate_Of__c",
        account_id(customer),
        None,
        note,
    )


def _stripe_customer_again(scene: Scene, customer: Customer) -> Planted:
    identity = stripe_id("cus", customer.key, "again")
    document = customer_document(scene.company, customer)
    first_created = document["created"]
    last = epoch(scene.company.as_of - timedelta(days=7))
    document |= {
        "id": identity,
        "created": scene.rng.randint(first_created + 1, max(last, first_created + 2)),
        "currency": None,
        "delinquent": False,
        "invoice_prefix": identity[-8:].upper(),
        "metadata": {"tax_id": customer.tax_id},
        "next_invoice_sequence": 1,
    }
    scene.add("stripe", "customer", document)
    return Planted(
        "duplicate_customer",
        "stripe",
        "customer",
        identity,
        "metadata.duplicate_of",
        customer_id(customer),
        None,
        "automatic: a later customer with the same email and tax id, never billed",
    )


def payment_failures_not_in_crm(scene: Scene) -> Iterator[Planted]:
    """The card was declined, and sales still believes that all is paid."""
    failed = scene.company.has_failed_payment
    for customer in scene.pick("payment_failure_not_in_crm", 6, failed):
        document = scene.record("salesforce", "Account", account_id(customer))
        right, document["Payment_Status__c"] = document["Payment_Status__c"], "current"
        yield Planted(
            "payment_failure_not_in_crm",
            "salesforce",
            "Account",
            account_id(customer),
            "Payment_Status__c",
            right,
            "current",
            "automatic: the last invoice is open because the card was declined",
        )


def ungranted_support_tiers(scene: Scene) -> Iterator[Planted]:
    """Support serves as premium somebody who did not buy it."""
    tier = scene.company.support_tier
    for customer in scene.pick(
        "ungranted_support_tier", 6, lambda each: tier(each) != "premium"
    ):
        identity = organization_id(customer)
        document = scene.record("zendesk", "organization", identity)
        document["organization_fields"] = {"support_tier": "premium"}
        yield Planted(
            "ungranted_support_tier",
            "zendesk",
            "organization",
            str(identity),
            "organization_fields.support_tier",
            tier(customer),
            "premium",
            "automatic: no contract in force has SUP-PREMIUM",
        )


def stale_master_data(scene: Scene) -> Iterator[Planted]:
    """One system still has the former name, or an address that changed elsewhere."""
    company = scene.company
    taken = len(company.customers) + len(company.prospects)
    spare = iter(words(company.seed, taken + len(company.customers))[taken:])
    for system, name, field, per_400, identify in (
        ("salesforce", "Account", "Name", 4, account_id),
        ("stripe", "customer", "name", 2, customer_id),
        ("zendesk", "organization", "name", 1, organization_id),
    ):
        for customer in scene.pick("stale_master_data", per_400, _healthy):
            form = customer.legal_name.split()[-1]
            former = f"{' '.join(next(spare))} {form}"
            identity = str(identify(customer))
            scene.record(system, name, identity)[field] = former
            yield Planted(
                "stale_master_data",
                system,
                name,
                identity,
                field,
                customer.legal_name,
                former,
                "automatic: the company changed its name",
            )
    for customer in scene.pick("stale_master_data", 3, _healthy):
        identity = netsuite_customer_id(customer)
        former = f"accounts@{customer.domain}"
        scene.record("netsuite", "customer", identity)["email"] = former
        yield Planted(
            "stale_master_data",
            "netsuite",
            "customer",
            identity,
            "email",
            customer.billing_email,
            former,
            "automatic: invoices go to another address by now",
        )


def sku_mismatches(scene: Scene) -> Iterator[Planted]:
    """The ERP writes an item differently, and nobody linked it to the product."""
    for sku, itemid, displayname, repair in MISMATCHED_ITEMS:
        item = scene.record("netsuite", "item", item_id(sku))
        item |= {"itemid": itemid, "displayname": displayname}
        identity = product_id(scene.company, sku)
        scene.record("salesforce", "Product2", identity)["ERP_Item__c"] = None
        yield Planted(
            "sku_mismatch",
            "salesforce",
            "Product2",
            identity,
            "ERP_Item__c",
            item_id(sku),
            None,
            f"{repair}: NetSuite calls it {itemid!r}",
        )
