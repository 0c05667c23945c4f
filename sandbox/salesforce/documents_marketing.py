"""Salesforce: campaigns, leads and how leads answered campaigns."""

from sandbox.company.company import Company
from sandbox.company.facts import Campaign, CampaignTouch, Lead
from sandbox.identifiers import salesforce_id
from sandbox.salesforce.documents_ids import stamped
from sandbox.salesforce.users import seller_id, seller_of
from sandbox.shapes import Document, major


def marketing_documents(company: Company) -> dict[str, list[Document]]:
    """Return campaigns, leads and members by object name."""
    lead_by_key = {lead.key: lead for lead in company.leads}
    return {
        "Campaign": [_campaign(company, each) for each in company.campaigns],
        "Lead": [_lead(company, each) for each in company.leads],
        "CampaignMember": [
            _member(each, lead_by_key[each.lead_key]) for each in company.touches
        ],
    }


def _campaign(company: Company, campaign: Campaign) -> Document:
    is_over = campaign.ends_on < company.as_of
    return {
        "Id": salesforce_id("Campaign", campaign.key),
        "Name": campaign.name,
        "Type": campaign.kind,
        "Status": "Completed" if is_over else "In Progress",
        "StartDate": campaign.starts_on.isoformat(),
        "EndDate": campaign.ends_on.isoformat(),
        "ActualCost": major(campaign.cost_cents, "USD"),
        "CurrencyIsoCode": "USD",
        "IsActive": not is_over,
        "OwnerId": seller_id(0),
        **stamped(campaign.starts_on, min(campaign.ends_on, company.as_of)),
    }


def _lead(company: Company, lead: Lead) -> Document:
    customer, person = lead.customer_key, lead.person_key
    if customer is None:
        seller = seller_of(lead.key)
    else:
        seller = seller_id(company.customer_by_key[customer].number)
    return {
        "Id": salesforce_id("Lead", lead.key),
        "FirstName": lead.first_name,
        "LastName": lead.last_name,
        "Company": lead.company_name,
        "Email": lead.email,
        "Country": lead.country,
        "LeadSource": lead.source,
        # A lead that was converted keeps the status that it had before.
        "Status": "Qualified" if lead.status == "Converted" else lead.status,
        "IsConverted": lead.status == "Converted",
        "ConvertedDate": lead.converted_on and lead.converted_on.isoformat(),
        "ConvertedAccountId": customer and salesforce_id("Account", customer),
        "ConvertedContactId": person and salesforce_id("Contact", person),
        "OwnerId": seller,
        **stamped(lead.created_on, lead.converted_on or lead.created_on),
    }


def _member(touch: CampaignTouch, lead: Lead) -> Document:
    person = lead.person_key
    return {
        "Id": salesforce_id("CampaignMember", touch.key),
        "CampaignId": salesforce_id("Campaign", touch.campaign_key),
        "LeadId": salesforce_id("Lead", touch.lead_key),
        "ContactId": person and salesforce_id("Contact", person),
        "Status": touch.status,
        "HasResponded": touch.status != "Sent",
        "FirstRespondedDate": touch.on.isoformat() if touch.status != "Sent" else None,
        **stamped(touch.on, touch.on),
    }
