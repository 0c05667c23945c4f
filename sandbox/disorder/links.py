"""Disorder in links: which record is whose, and who belongs to whom."""

from random import Random

from sandbox.company.facts import Customer
from sandbox.disorder.catalogue import COMMON, RARE, customers, disorder
from sandbox.disorder.places import (
    in_billing,
    in_crm,
    in_erp,
    in_marketing,
    nothing,
    wrong_value,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import salesforce_id
from sandbox.netsuite.documents_ids import customer_id as erp_customer_id
from sandbox.salesforce.documents import account_id

# The most transactions that a customer has whom the ERP never heard of.
NEWCOMER_INVOICES = 4


def _unlinked(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    place = in_billing(customer)
    right = scene.record(*place)["metadata"].pop("salesforce_account_id")
    field = "metadata.salesforce_account_id"
    note = "automatic: the customer in billing does not say which account it is"
    return Planted("", *place, field, right, None, note)


def _unsynced(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    place = in_marketing(customer)
    right = scene.record(*place)["properties"].pop("salesforceaccountid")
    note = "automatic: the company in marketing does not say which account it is"
    return Planted("", *place, "properties.salesforceaccountid", right, None, note)


def _is_synced(scene: Scene, customer: Customer) -> bool:
    return "salesforceaccountid" in scene.look(*in_marketing(customer))["properties"]


def _newcomer(scene: Scene, customer: Customer) -> bool:
    invoices = scene.company.invoices_of[customer.key]
    leads = any(each.parent_key == customer.key for each in scene.company.customers)
    return len(invoices) <= NEWCOMER_INVOICES and not leads


def _unknown_to_erp(scene: Scene, customer: Customer, _rng: Random) -> Planted:
    """Take away the customer and, as nothing hangs in the air, all that it has."""
    identity = erp_customer_id(customer)
    gone: set[str] = set()
    for name in ("invoice", "payment", "creditmemo", "customerrefund", "entityaddress"):
        for record in scene.where("netsuite", name, "entity", identity):
            scene.remove("netsuite", name, record)
            gone |= {record} if name != "entityaddress" else set()
    for name in ("payment_application", "credit_application", "deposit_application"):
        for field in ("previousdoc", "nextdoc"):
            for link in scene.where("netsuite", name, field, *gone):
                scene.remove("netsuite", name, link)
    for line in scene.where("netsuite", "transactionline", "transaction", *gone):
        scene.remove("netsuite", "transactionline", line)
    note = "approval: the customer bought, and the ERP has never heard of it"
    return scene.lost("netsuite", "customer", identity, note)


def _has_parent(scene: Scene, customer: Customer) -> bool:
    # Without its parent nobody would see the circle that goes through it.
    parent = customer.parent_key or ""
    return parent in scene.parents and scene.parents[parent] is not customer


def _is_parent(scene: Scene, customer: Customer) -> bool:
    return customer.key in scene.parents


def _own_child(scene: Scene, customer: Customer, _rng: Random) -> str:
    return account_id(scene.parents[customer.key])


def _nobody(_scene: Scene, customer: Customer, _rng: Random) -> str:
    return salesforce_id("Account", customer.key, "deleted")


def _has_erp_parent(scene: Scene, customer: Customer) -> bool:
    return bool(scene.look(*in_erp(customer)).get("parent"))


DISORDERS = (
    disorder(
        "billing customer without a CRM account",
        "M01",
        "stripe.customer",
        customers(),
        _unlinked,
    ),
    disorder(
        "ERP customer without a billing customer",
        "M01",
        "netsuite.customer",
        customers(),
        wrong_value(in_erp, "externalid", nothing, "automatic: which customer it is"),
    ),
    disorder(
        "marketing company without a CRM account",
        "M01",
        "hubspot.companies",
        customers(_is_synced),
        _unsynced,
    ),
    disorder(
        "customer unknown to the ERP",
        "M03 B01",
        "netsuite.customer netsuite.invoice netsuite.payment netsuite.creditmemo"
        " netsuite.customerrefund netsuite.entityaddress netsuite.payment_application"
        " netsuite.credit_application netsuite.deposit_application"
        " netsuite.transactionline",
        customers(_newcomer),
        _unknown_to_erp,
        rate=RARE,
    ),
    disorder(
        "parent that is its own child",
        "M06",
        "salesforce.Account",
        customers(_is_parent),
        wrong_value(in_crm, "ParentId", _own_child, "automatic: a circle of parents"),
        needs="hierarchy",
        rate=COMMON,
    ),
    disorder(
        "parent that does not exist",
        "M06",
        "salesforce.Account",
        customers(_has_parent),
        wrong_value(in_crm, "ParentId", _nobody, "automatic: the parent was deleted"),
        needs="hierarchy",
        rate=COMMON,
    ),
    disorder(
        "parent that the ERP does not know",
        "M06",
        "netsuite.customer",
        customers(_has_erp_parent),
        wrong_value(in_erp, "parent", nothing, "automatic: the CRM has a parent"),
        needs="hierarchy",
        rate=COMMON,
    ),
)
