"""Vitally: every customer as an account, with its people and its health."""

import uuid
from decimal import Decimal

from sandbox.company.catalogue import Charge
from sandbox.company.company import Company
from sandbox.company.days import plus
from sandbox.company.facts import Customer, HealthScore, Person
from sandbox.company.identity_people import written_person
from sandbox.salesforce.documents import account_id
from sandbox.shapes import Document, major


def vitally_id(*key: object) -> str:
    """Return an id, which is a UUID."""
    text = ":".join(map(str, ("vitally", *key)))
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def account(customer: Customer) -> str:
    """Return the id of the customer's account."""
    return vitally_id("account", customer.key)


def organization(key: str) -> str:
    """Return the id of the organization of a group of customers."""
    return vitally_id("organization", key)


def vitally_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by resource."""
    latest: dict[str, HealthScore] = {}
    for score in company.health:
        known = latest.get(score.customer.key)
        if known is None or known.on <= score.on:
            latest[score.customer.key] = score
    parents = {each.parent_key for each in company.customers if each.parent_key}
    groups = [each for each in company.customers if each.key in parents]
    return {
        "organizations": [_organization(company, each) for each in groups],
        "accounts": [
            _account(company, each, latest.get(each.key), parents)
            for each in company.customers
        ],
        "users": [
            _user(each, who) for each in company.customers for who in each.people
        ],
        "notes": [_note(score) for score in latest.values() if score.risk == "high"],
        "npsResponses": [],
    }


def _time(day: object, hour: int = 8) -> str:
    return f"{day}T{hour:02}:00:00.000Z"


def _churned(company: Company, customer: Customer) -> str | None:
    """Return when the last contract ended, if none runs."""
    if company.in_force(customer):
        return None
    contracts = company.contracts_of.get(customer.key, ())
    return _time(max(each.ends_before for each in contracts)) if contracts else None


def _mrr(company: Company, customer: Customer) -> Decimal:
    minor = sum(
        line.quantity * line.unit_minor
        for contract in company.in_force(customer)
        for line in contract.lines
        if line.charge is Charge.RECURRING and line.holds_on(company.as_of)
    )
    return major(minor, customer.currency)


def _organization(company: Company, customer: Customer) -> Document:
    created = _time(customer.created_on)
    return {
        "id": organization(customer.key),
        "name": customer.legal_name,
        "externalId": f"group-{account_id(customer)}",
        "createdAt": created,
        "updatedAt": created,
        "churnedAt": _churned(company, customer),
        "healthScore": None,
        "mrr": None,
        "traits": {},
    }


def _account(
    company: Company,
    customer: Customer,
    health: HealthScore | None,
    parents: set[str],
) -> Document:
    created = _time(customer.created_on)
    contracts = company.in_force(customer)
    group = customer.parent_key or (customer.key if customer.key in parents else None)
    traits: Document = {
        "segment": customer.segment,
        "domain": customer.domain,
        "currency": customer.currency,
    }
    updated = created
    if health is not None:
        traits |= {"risk": health.risk, "health_reason": health.reason}
        traits |= {"health_on": health.on.isoformat()}
        updated = max(updated, _time(health.on))
    renewal = min((each.ends_before for each in contracts), default=None)
    return {
        "id": account(customer),
        "name": company.written(customer, "vitally").name,
        "externalId": account_id(customer),
        "organizationId": None if group is None else organization(group),
        "accountOwnerId": None,
        "csmId": None,
        "accountExecutiveId": None,
        "createdAt": created,
        "updatedAt": updated,
        "churnedAt": _churned(company, customer),
        "mrr": _mrr(company, customer),
        "nextRenewalDate": None if renewal is None else _time(renewal),
        "firstSeenTimestamp": created,
        "lastSeenTimestamp": None,
        "trialEndDate": None,
        "usersCount": len(customer.people),
        "npsScore": None,
        "healthScore": None if health is None else health.score,
        "keyRoles": [],
        "segments": [],
        "traits": traits,
    }


def _user(customer: Customer, person: Person) -> Document:
    created = _time(customer.created_on, 9)
    written = written_person(customer, person, "vitally")
    return {
        "id": vitally_id("user", person.key),
        "name": f"{written.first_name} {written.last_name}",
        "email": written.email,
        "externalId": person.key,
        "accountIds": [account(customer)],
        "organizationIds": [],
        "createdAt": created,
        "updatedAt": created,
        "joinDate": created,
        "traits": {},
    }


def _note(score: HealthScore) -> Document:
    at = _time(plus(score.on, 1), 10)
    return {
        "id": vitally_id("note", score.customer.key, score.on),
        "subject": "At risk",
        "note": f"<p>{score.reason}</p>",
        "noteDate": at,
        "accountId": account(score.customer),
        "organizationId": None,
        "externalId": None,
        "createdAt": at,
        "updatedAt": at,
        "traits": {},
    }
