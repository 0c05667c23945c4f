"""Documents: the marketing side of the company: who is known, and what reached them.

Sales lives in Salesforce, from which HubSpot's sync brings the id of the account. Its
companies are the customers and prospects in marketing's own spelling, its contacts
their people and all leads: one contact for an email, as HubSpot has it. A company that
does marketing (feature `marketing`) sees here what came of it: see `documents_sales`.
Support is Zendesk's and quotes are Salesforce's: HubSpot has no ticket and no quote.
"""

from sandbox.company.company import Company
from sandbox.company.days import plus
from sandbox.company.facts import Campaign, CampaignTouch, Customer, Lead, Person
from sandbox.company.identity_people import written_person
from sandbox.hubspot.documents_sales import sales_documents
from sandbox.hubspot.documents_shapes import (
    OWNERS,
    both,
    company_id,
    contact_id,
    owner_id,
    owner_of,
    record,
    stamp,
)
from sandbox.hubspot.links import CHILD_TO_PARENT, LINKS, PARENT_TO_CHILD
from sandbox.identifiers import hubspot_id, salesforce_id
from sandbox.salesforce.documents_ids import account_id
from sandbox.shapes import Document

__all__ = ["company_id", "contact_id", "hubspot_documents"]

SYSTEM = "hubspot"
OWN_DOMAIN = "marketing.example"
# Marketing's words for the company's industries, from HubSpot's fixed list.
INDUSTRIES = {
    "Retail": "RETAIL",
    "Agencies": "MARKETING_AND_ADVERTISING",
    "Software": "COMPUTER_SOFTWARE",
    "Non-profit": "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "Manufacturing": "MACHINERY",
    "Logistics": "LOGISTICS_AND_SUPPLY_CHAIN",
    "Fintech": "FINANCIAL_SERVICES",
    "Financial": "FINANCIAL_SERVICES",
    "Healthcare": "HOSPITAL_HEALTH_CARE",
    "Public Sector": "GOVERNMENT_ADMINISTRATION",
}
SOURCES = {
    "Web": "ORGANIC_SEARCH",
    "Partner Referral": "REFERRALS",
    "Trade Show": "OFFLINE",
    "Phone Inquiry": "OFFLINE",
    "Advertisement": "PAID_SEARCH",
}
LEAD_STATUS = {
    "Open": "NEW",
    "Working": "IN_PROGRESS",
    "Converted": "CONNECTED",
    "Unqualified": "UNQUALIFIED",
}
EVENTS = ("Webinar", "Trade Show")  # campaigns that people come to


def hubspot_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by object name."""
    everybody = (*company.customers, *company.prospects)
    touched = {touch.lead_key: touch for touch in company.touches}
    contacts: dict[str, Document] = {}
    links: list[Document] = []
    primary = (279, 1), (280, 2)
    for customer in everybody:
        place = company_id(customer)
        for person in customer.people:
            contact = _person(company, customer, person)
            if contact["id"] in contacts:
                continue
            contacts[contact["id"]] = contact
            links += both(("contacts", contact["id"]), ("companies", place), *primary)
        if customer.parent_key is not None:
            parent = hubspot_id("company", customer.parent_key)
            links += both(
                ("companies", place),
                ("companies", parent),
                (450, CHILD_TO_PARENT),
                (450, PARENT_TO_CHILD),
            )
    named = {each.key: each for each in company.campaigns}
    for lead in company.leads:
        touch = touched.get(lead.key)
        contact = _lead(lead, contacts.get(contact_id(lead.email)))
        if touch is not None:
            _reached(contact, touch, named[touch.campaign_key])
        contacts[contact["id"]] = contact
    records = {
        "owners": [_owner(company, place) for place in range(len(OWNERS))],
        "companies": [_company(company, each) for each in everybody],
        "contacts": list(contacts.values()),
        "campaigns": [_campaign(each) for each in company.campaigns],
        "marketing_events": _events(company),
    }
    if "marketing" in company.features:
        sales, more = sales_documents(company)
        records |= sales
        links += more
    return records | {LINKS: links}


def _owner(company: Company, place: int) -> Document:
    first, last = OWNERS[place]
    created = stamp(company.starts_on, 8)
    return {
        "id": owner_id(place),
        "email": f"{first}.{last}@{OWN_DOMAIN}".lower(),
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": 71_000_010 + place,
        "userIdIncludingInactive": 71_000_010 + place,
        "createdAt": created,
        "updatedAt": created,
        "archived": False,
    }


def _company(company: Company, customer: Customer) -> Document:
    written = company.written(customer, SYSTEM)
    contracts = company.contracts_of.get(customer.key, ())
    turns = [customer.created_on, *(contract.starts_on for contract in contracts)]
    turns += [contract.ends_before for contract in contracts]
    changed_on = max(day for day in turns if day <= company.as_of)
    address = written.address
    linked = SYSTEM not in customer.missing_links
    values: dict[str, str | None] = {
        "name": written.name,
        "domain": written.domain,
        "website": written.domain and f"https://www.{written.domain}",
        "phone": written.phone,
        "country": customer.country,
        "industry": INDUSTRIES.get(customer.industry or ""),
        "market_segment": customer.segment,
        "lifecyclestage": "customer" if contracts else "opportunity",
        "hubspot_owner_id": owner_of(customer),
        "salesforceaccountid": account_id(customer) if linked else None,
        "billing_email": written.email,
        "tax_id": written.tax_id,
        "became_customer_on": contracts[0].starts_on.isoformat() if contracts else None,
        "hs_parent_company_id": customer.parent_key
        and hubspot_id("company", customer.parent_key),
    }
    if address is not None:
        values |= {
            "address": address.line1,
            "city": address.city,
            "state": address.region,
            "zip": address.postal_code,
            "country": address.country,
        }
    # Sales creates the account first; the sync brings it here a day later.
    created = stamp(min(plus(customer.created_on, 1), company.as_of), 6)
    changed = max(created, stamp(changed_on, 12))
    return record("companies", company_id(customer), created, changed, values)


def _person(company: Company, customer: Customer, person: Person) -> Document:
    written = written_person(customer, person, SYSTEM)
    created = stamp(customer.created_on, 12)
    is_customer = bool(company.contracts_of.get(customer.key))
    linked = SYSTEM not in customer.missing_links
    values: dict[str, str | None] = {
        "email": written.email and written.email.lower(),
        "firstname": written.first_name,
        "lastname": written.last_name,
        "phone": written.phone,
        "company": company.written(customer, SYSTEM).name,
        "country": customer.country,
        "lifecyclestage": "customer" if is_customer else "opportunity",
        "associatedcompanyid": company_id(customer),
        "hubspot_owner_id": owner_of(customer),
        "salesforcecontactid": salesforce_id("Contact", person.key) if linked else None,
    }
    return record("contacts", contact_id(person.email), created, created, values)


def _lead(lead: Lead, known: Document | None) -> Document:
    """Return the lead's contact: the one of the same email, if there is one."""
    created = stamp(lead.created_on, 9)
    values: dict[str, str | None] = {
        "email": lead.email.lower(),
        "firstname": lead.first_name,
        "lastname": lead.last_name,
        "company": lead.company_name,
        "country": lead.country,
        "lifecyclestage": "lead",
        "hs_lead_status": LEAD_STATUS[lead.status],
        "hs_analytics_source": SOURCES.get(lead.source, "OTHER_CAMPAIGNS"),
        "salesforceleadid": salesforce_id("Lead", lead.key),
    }
    if known is not None:
        values |= known["properties"]
        changed = max(created, known["updatedAt"])
        created = min(created, known["createdAt"])
    else:
        changed = created
    return record("contacts", contact_id(lead.email), created, changed, values)


def _reached(contact: Document, touch: CampaignTouch, campaign: Campaign) -> None:
    """Write down the last campaign that reached a contact."""
    values = contact["properties"]
    values["last_campaign"] = campaign.name
    values["last_campaign_status"] = touch.status
    values["last_campaign_on"] = touch.on.isoformat()
    changed = max(contact["updatedAt"], stamp(touch.on, 10))
    values["lastmodifieddate"] = contact["updatedAt"] = changed


def _campaign(campaign: Campaign) -> Document:
    created = stamp(campaign.starts_on, 7)
    values: dict[str, str | None] = {
        "hs_name": campaign.name,
        "hs_campaign_type": campaign.kind,
        "hs_currency_code": "USD",
        "hs_owner": owner_id(0),
        "hs_start_date": campaign.starts_on.isoformat(),
        "hs_end_date": campaign.ends_on.isoformat(),
        "hs_spend_items_sum_amount": _dollars(campaign.cost_cents),
    }
    record_id = hubspot_id("campaign", campaign.key)
    return record("campaigns", record_id, created, created, values)


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _events(company: Company) -> list[Document]:
    held = [each for each in company.campaigns if each.kind in EVENTS]
    came: dict[str, int] = dict.fromkeys((each.key for each in held), 0)
    for touch in company.touches:
        if touch.campaign_key in came and touch.status == "Attended":
            came[touch.campaign_key] += 1
    documents = []
    for each in held:
        created = stamp(each.starts_on, 7)
        values: dict[str, str | None] = {
            "hs_event_name": each.name,
            "hs_event_type": each.kind,
            "hs_start_datetime": stamp(each.starts_on, 14),
            "hs_end_datetime": stamp(each.ends_on, 16),
            "hs_event_cancelled": "false",
            "hs_attendees": str(came[each.key]),
        }
        record_id = hubspot_id("event", each.key)
        documents.append(
            record("marketing_events", record_id, created, created, values)
        )
    return documents
