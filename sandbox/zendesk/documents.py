"""Zendesk: organizations, the people who write and their tickets."""

from sandbox.company.company import Company
from sandbox.company.days import plus
from sandbox.company.facts import Customer, Person, Ticket
from sandbox.company.identity_people import written_person
from sandbox.identifiers import zendesk_id
from sandbox.salesforce.documents import account_id
from sandbox.shapes import Document, zendesk_time
from sandbox.zendesk.documents_survey import (
    custom_fields,
    ratings,
    satisfaction,
    ticket_fields,
)

AGENTS = (("Robin Ashe", "admin"), ("Kim Larsen", "agent"), ("Noor Haidari", "agent"))
OWN_DOMAIN = "support.example"


def organization_id(customer: Customer) -> int:
    """Return the id of the customer's organization."""
    return zendesk_id("organization", customer.key)


def zendesk_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by object name."""
    records: dict[str, list[Document]] = {
        "organization": [_organization(company, each) for each in company.customers],
        "user": [
            *(_agent(company, name, role) for name, role in AGENTS),
            *(_user(each, who) for each in company.customers for who in each.people),
        ],
        "ticket": [_ticket(company, each) for each in company.tickets],
    }
    if "health" in company.features:
        records["ticket_field"] = ticket_fields(company)
        records["satisfaction_rating"] = ratings(company)
    return records


def _organization(company: Company, customer: Customer) -> Document:
    identity = organization_id(customer)
    linked = "zendesk" not in customer.missing_links
    contracts = company.contracts_of[customer.key]
    turns = [contract.starts_on for contract in contracts]
    turns += [contract.ends_before for contract in contracts]
    written = company.written(customer, "zendesk")
    changed_on = max(day for day in turns if day <= company.as_of)
    return {
        "id": identity,
        "url": _url("organizations", identity),
        "name": written.name,
        "external_id": account_id(customer) if linked else None,
        "domain_names": [] if written.domain is None else [written.domain],
        "organization_fields": {"support_tier": company.support_tier(customer)},
        "details": None,
        "notes": None,
        "group_id": None,
        "shared_tickets": False,
        "shared_comments": False,
        "tags": [],
        "created_at": zendesk_time(plus(contracts[0].starts_on, -1), 12),
        "updated_at": zendesk_time(changed_on, 12),
    }


def _agent(company: Company, name: str, role: str) -> Document:
    identity = zendesk_id("agent", company.seed, name)
    email = f"{name.split(maxsplit=1)[0]}@{OWN_DOMAIN}".lower()
    created_at = zendesk_time(company.starts_on, 8)
    return _person(
        identity, name, email, role=role, organization=None, created_at=created_at
    )


def _user(customer: Customer, person: Person) -> Document:
    written = written_person(customer, person, "zendesk")
    return _person(
        zendesk_id("user", person.key),
        f"{written.first_name} {written.last_name}",
        written.email,
        role="end-user",
        organization=organization_id(customer),
        created_at=zendesk_time(customer.created_on, 12),
    )


def _person(
    identity: int,
    name: str,
    email: str | None,
    *,
    role: str,
    organization: int | None,
    created_at: str,
) -> Document:
    return {
        "id": identity,
        "url": _url("users", identity),
        "name": name,
        "email": email,
        "role": role,
        "organization_id": organization,
        "active": True,
        "verified": True,
        "suspended": False,
        "external_id": None,
        "locale": "en-US",
        "time_zone": "Etc/UTC",
        "tags": [],
        "user_fields": {},
        "created_at": created_at,
        "updated_at": created_at,
    }


def _ticket(company: Company, ticket: Ticket) -> Document:
    identity = zendesk_id("ticket", ticket.key)
    requester = zendesk_id("user", ticket.requester.key)
    updated_at = zendesk_time(ticket.updated_on, 15)
    return {
        "id": identity,
        "url": _url("tickets", identity),
        "subject": ticket.subject,
        "raw_subject": ticket.subject,
        "description": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "type": "question",
        "organization_id": organization_id(ticket.customer),
        "requester_id": requester,
        "submitter_id": requester,
        "assignee_id": zendesk_id("agent", company.seed, AGENTS[1][0]),
        "external_id": None,
        "tags": _tags(company, ticket),
        "custom_fields": custom_fields(company, ticket),
        **satisfaction(ticket),
        "via": {"channel": "email"},
        "created_at": zendesk_time(ticket.created_on, 10),
        "updated_at": updated_at,
    }


def _tags(company: Company, ticket: Ticket) -> list[str]:
    """Return what an agent should know of whoever asks."""
    owes = company.has_failed_payment(ticket.customer)
    return ["past_due"] if owes and ticket.status != "closed" else []


def _url(kind: str, identity: int) -> str:
    return f"https://concord.zendesk.com/api/v2/{kind}/{identity}.json"
