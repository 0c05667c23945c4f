"""Places: where a customer is in each system, and a wrong value put there."""

from collections.abc import Callable
from random import Random

from sandbox.company.facts import Customer
from sandbox.disorder.scene import Planted, Scene
from sandbox.hubspot.documents import company_id
from sandbox.netsuite.documents_ids import customer_id as erp_customer_id
from sandbox.salesforce.documents import account_id
from sandbox.stripe.documents_ids import customer_id
from sandbox.zendesk.documents import organization_id

Place = tuple[str, str, str]
Locate = Callable[[Customer], Place]
Wrong = Callable[[Scene, Customer, Random], object]


def in_crm(customer: Customer) -> Place:
    """Return where the account is."""
    return "salesforce", "Account", account_id(customer)


def in_billing(customer: Customer) -> Place:
    """Return where the customer in Stripe is."""
    return "stripe", "customer", customer_id(customer)


def in_erp(customer: Customer) -> Place:
    """Return where the customer in NetSuite is."""
    return "netsuite", "customer", erp_customer_id(customer)


def in_support(customer: Customer) -> Place:
    """Return where the organization is."""
    return "zendesk", "organization", str(organization_id(customer))


def in_marketing(customer: Customer) -> Place:
    """Return where the company in HubSpot is."""
    return "hubspot", "companies", company_id(customer)


def wrong_value(
    locate: Locate, field: str, wrong: Wrong, note: str
) -> Callable[[Scene, Customer, Random], Planted]:
    """Return what plants a wrong value in a field of the customer's record."""

    def plant(scene: Scene, customer: Customer, rng: Random) -> Planted:
        value = wrong(scene, customer, rng)
        return scene.changed(*locate(customer), field, value, note)

    return plant


def nothing(*_: object) -> None:
    """Return no value."""
    return
