"""Disorder in master data: who is who, and what each system believes."""

from random import Random

from sandbox.company.entities import GROUP
from sandbox.company.facts import Customer
from sandbox.company.names import words
from sandbox.disorder.catalogue import customers, disorder
from sandbox.disorder.places import (
    in_billing,
    in_crm,
    in_erp,
    in_marketing,
    in_support,
    wrong_value,
)
from sandbox.disorder.scene import Scene
from sandbox.netsuite.documents_ids import subsidiary_id


def _former_name(scene: Scene, customer: Customer, rng: Random) -> str:
    company = scene.company
    taken = len(company.customers) + len(company.prospects)
    spare = words(company.seed, taken + len(company.customers))[taken:]
    form = customer.legal_name.split()[-1]
    return f"{' '.join(rng.choice(spare))} {form}"


def _swapped_digits(text: str, rng: Random) -> str:
    """Return the text with two neighbouring digits that differ the wrong way round."""
    places = [
        place
        for place in range(len(text) - 1)
        if text[place : place + 2].isdigit() and text[place] != text[place + 1]
    ]
    if not places:
        return f"{text}0"
    place = rng.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _tax_id(scene: Scene, customer: Customer, rng: Random) -> str:
    held = scene.look(*in_crm(customer))["Tax_Id__c"]
    return _swapped_digits(held, rng)


def _has_tax_id(scene: Scene, customer: Customer) -> bool:
    return bool(scene.look(*in_crm(customer))["Tax_Id__c"])


def _has_address(scene: Scene, customer: Customer) -> bool:
    return bool(scene.look(*in_billing(customer))["address"]["line1"])


def _other_currency(scene: Scene, customer: Customer, rng: Random) -> str:
    others = {"USD", "EUR", "GBP"} - {customer.currency}
    del scene
    return rng.choice(sorted(others))


def _other_subsidiary(_scene: Scene, customer: Customer, _rng: Random) -> str:
    codes = [each.code for each in GROUP if each.erp == "netsuite"]
    return subsidiary_id(next(each for each in codes if each != customer.entity))


def _is_running(scene: Scene, customer: Customer) -> bool:
    return bool(scene.company.in_force(customer))


def _other_terms(scene: Scene, customer: Customer, _rng: Random) -> str:
    terms = scene.look(*in_erp(customer))["terms"]
    return "Net 60" if terms == "Net 30" else "Net 30"


_RENAMED = "automatic: the company changed its name"
_NAMED = (
    ("former name in the CRM", "M04", "salesforce.Account", in_crm, "Name"),
    ("former name in billing", "M04", "stripe.customer", in_billing, "name"),
    ("former name in support", "M04", "zendesk.organization", in_support, "name"),
    (
        "company that marketing renamed",
        "M04 P10",
        "hubspot.companies",
        in_marketing,
        "properties.name",
    ),
)
DISORDERS = (
    *(
        disorder(
            name,
            checks,
            touches,
            customers(),
            wrong_value(locate, field, _former_name, _RENAMED),
        )
        for name, checks, touches, locate, field in _NAMED
    ),
    disorder(
        "former billing address in the ERP",
        "M04",
        "netsuite.customer",
        customers(),
        wrong_value(
            in_erp,
            "email",
            lambda _, customer, __: f"accounts@{customer.domain}",
            "automatic: invoices go to another address by now",
        ),
    ),
    disorder(
        "tax id with digits swapped",
        "M04",
        "salesforce.Account",
        customers(_has_tax_id),
        wrong_value(in_crm, "Tax_Id__c", _tax_id, "automatic: the ERP has another"),
    ),
    disorder(
        "street that the ERP does not have",
        "M04",
        "stripe.customer",
        customers(_has_address),
        wrong_value(
            in_billing,
            "address.line1",
            lambda _, __, rng: f"PO Box {rng.randint(100, 9_999)}",
            "automatic: the customer gave the ERP another street",
        ),
        needs="identity",
    ),
    disorder(
        "other currency in the ERP",
        "M05",
        "netsuite.customer",
        customers(),
        wrong_value(in_erp, "currency", _other_currency, "approval: billed in another"),
    ),
    disorder(
        "other subsidiary in the ERP",
        "M05 E05",
        "netsuite.customer",
        customers(),
        wrong_value(in_erp, "subsidiary", _other_subsidiary, "approval: another sold"),
        needs="entities",
    ),
    disorder(
        "customer closed in the ERP, still billed",
        "M12",
        "netsuite.customer",
        customers(_is_running),
        wrong_value(
            in_erp, "isinactive", lambda *_: "T", "approval: it still subscribes"
        ),
    ),
    disorder(
        "other payment terms in the ERP",
        "M13",
        "netsuite.customer",
        customers(),
        wrong_value(in_erp, "terms", _other_terms, "automatic: the quote has others"),
        needs="terms",
    ),
    disorder(
        "tax-exempt in the ERP only",
        "M11",
        "netsuite.customer",
        customers(),
        wrong_value(in_erp, "taxable", lambda *_: "F", "approval: billing taxes it"),
        needs="terms",
    ),
)
