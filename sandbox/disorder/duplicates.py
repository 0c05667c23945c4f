"""Disorder among duplicates: a customer that somebody entered once more."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from sandbox.company.days import epoch, plus
from sandbox.company.facts import Customer
from sandbox.disorder.catalogue import customers, disorder
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import salesforce_id, stripe_id
from sandbox.salesforce.documents import account, account_id, contact
from sandbox.shapes import Document, salesforce_time
from sandbox.stripe.documents import customer_document
from sandbox.stripe.documents_ids import customer_id

SAME_TAX_ID = "automatic: a later account with the same tax id"
SAME_DOMAIN = "automatic: a later account with the same domain and nearly the same name"
SAME_NAME = "person: same name, other domain, no tax id to compare"


def _later(scene: Scene, customer: Customer, rng: Random) -> date:
    """Return a day between the first record's creation and a week before the last."""
    days = (scene.company.as_of - customer.created_on).days - 7
    return plus(customer.created_on, rng.randint(7, max(days, 8)))


def account_again(
    scene: Scene,
    customer: Customer,
    different: Document,
    note: str,
    rng: Random,
    *,
    with_people: bool,
) -> Planted:
    """Add a later account, and the first person of the customer too if asked."""
    created = salesforce_time(_later(scene, customer, rng), 13)
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
        "",
        "salesforce",
        "Account",
        identity,
        "Duplicate_Of__c",
        account_id(customer),
        None,
        note,
    )


def billing_customer_again(scene: Scene, customer: Customer, rng: Random) -> Planted:
    """Add a later customer in Stripe to which nothing was ever billed."""
    identity = stripe_id("cus", customer.key, "again")
    document = customer_document(scene.company, customer)
    first_created = document["created"]
    last = epoch(scene.company.as_of - timedelta(days=7))
    document |= {
        "id": identity,
        "created": rng.randint(first_created + 1, max(last, first_created + 2)),
        "currency": None,
        "delinquent": False,
        "invoice_prefix": identity[-8:].upper(),
        "metadata": {
            name: value
            for name, value in document["metadata"].items()
            if name == "tax_id"
        },
        "next_invoice_sequence": 1,
    }
    scene.add("stripe", "customer", document)
    return Planted(
        "",
        "stripe",
        "customer",
        identity,
        "metadata.duplicate_of",
        customer_id(customer),
        None,
        "automatic: a later customer with the same email and tax id, never billed",
    )


Again = Callable[[Scene, Customer], Document]


def _again(different: Again, note: str) -> Callable[[Scene, Customer, Random], Planted]:
    def plant(scene: Scene, customer: Customer, rng: Random) -> Planted:
        with_people = rng.random() < 0.5
        return account_again(
            scene,
            customer,
            different(scene, customer),
            note,
            rng,
            with_people=with_people,
        )

    return plant


def _taxed(system: str, name: str, field: str) -> Callable[[Scene, Customer], bool]:
    identify = account_id if system == "salesforce" else customer_id

    def suits(scene: Scene, customer: Customer) -> bool:
        record = scene.look(system, name, identify(customer))
        return bool(record.get(field) or record.get("metadata", {}).get(field))

    return suits


def _international(_scene: Scene, customer: Customer) -> Document:
    name = " ".join([*customer.legal_name.split()[:2], "International"])
    return {"Name": name}


def _shouted(scene: Scene, customer: Customer) -> Document:
    name = scene.look("salesforce", "Account", account_id(customer))["Name"]
    return {"Name": f"{name.upper()} ", "Tax_Id__c": None}


def elsewhere(customer: Customer) -> Document:
    """Return the same name at a domain that is not the customer's."""
    domain = f"{customer.domain.split('.')[0]}-group.example"
    return {
        "Website": f"https://www.{domain}",
        "Billing_Email__c": f"billing@{domain}",
        "Tax_Id__c": None,
    }


DISORDERS = (
    disorder(
        "duplicate account with the same tax id",
        "M02",
        "salesforce.Account salesforce.Contact",
        customers(_taxed("salesforce", "Account", "Tax_Id__c")),
        _again(_international, SAME_TAX_ID),
    ),
    disorder(
        "duplicate account with the same domain",
        "M02",
        "salesforce.Account salesforce.Contact",
        customers(),
        _again(_shouted, SAME_DOMAIN),
    ),
    disorder(
        "duplicate account with the same name only",
        "M02",
        "salesforce.Account salesforce.Contact",
        customers(),
        _again(lambda _, customer: elsewhere(customer), SAME_NAME),
    ),
    disorder(
        "duplicate billing customer",
        "M02",
        "stripe.customer",
        customers(_taxed("stripe", "customer", "tax_id")),
        billing_customer_again,
    ),
)
