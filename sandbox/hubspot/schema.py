"""Schema: the properties that every account has, and those that ours added."""

from dataclasses import dataclass

from sandbox.hubspot.kinds import KINDS, Kind
from sandbox.hubspot.pipelines import PIPELINES

# The field type in which a property's values are entered, by its type.
ENTRIES = {
    "string": "text",
    "number": "number",
    "date": "date",
    "datetime": "date",
    "bool": "booleancheckbox",
    "enumeration": "select",
}


@dataclass(frozen=True, slots=True)
class Property:
    """The definition of one property."""

    name: str
    type: str = "string"
    options: tuple[str, ...] = ()
    unique: bool = False
    read_only: bool = False
    custom: bool = False
    label: str = ""


_SYSTEM = ("hs_merged_object_ids",)
_LIFECYCLE = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
_LEAD_STATUS = (
    "NEW",
    "OPEN",
    "IN_PROGRESS",
    "OPEN_DEAL",
    "UNQUALIFIED",
    "ATTEMPTED_TO_CONTACT",
    "CONNECTED",
    "BAD_TIMING",
)
_SOURCES = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "PAID_SOCIAL",
)
_INDUSTRIES = (
    "COMPUTER_SOFTWARE",
    "MACHINERY",
    "MARKETING_AND_ADVERTISING",
    "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "FINANCIAL_SERVICES",
    "HOSPITAL_HEALTH_CARE",
    "RETAIL",
    "LOGISTICS_AND_SUPPLY_CHAIN",
    "MANUFACTURING",
    "EDUCATION_MANAGEMENT",
    "GOVERNMENT_ADMINISTRATION",
    "TELECOMMUNICATIONS",
    "MEDIA_PRODUCTION",
    "HOSPITALITY",
    "RESTAURANTS",
    "INSURANCE",
    "CONSTRUCTION",
    "LEGAL_SERVICES",
)
# Believed, unverified.
_QUOTE_STATUS = (
    *("DRAFT", "APPROVAL_NOT_NEEDED", "PENDING_APPROVAL", "APPROVED", "REJECTED"),
)
_FREQUENCIES = ("monthly", "quarterly", "annually")
_PLACE = ("address", "city", "state", "zip", "country", "phone", "website")


def _texts(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name) for name in names)


def _numbers(*names: str) -> tuple[Property, ...]:
    return tuple(Property(name, "number") for name in names)


def _choice(name: str, options: tuple[str, ...]) -> Property:
    return Property(name, "enumeration", options)


def _stages(kind: str) -> tuple[str, ...]:
    return tuple(stage.id for line in PIPELINES[kind] for stage in line.stages)


def _lines(kind: str) -> tuple[str, ...]:
    return tuple(line.id for line in PIPELINES[kind])


# What an account of the invented company has: HubSpot's own properties that matter to
# a CRM, and those that its admins added (`custom`).
_OF_KIND: dict[str, tuple[Property, ...]] = {
    "contacts": (
        Property("email", unique=True),
        *_texts("firstname", "lastname", "company", "jobtitle", "mobilephone"),
        *_texts(*_PLACE, "hubspot_owner_id", "hs_additional_emails"),
        _choice("lifecyclestage", _LIFECYCLE),
        _choice("hs_lead_status", _LEAD_STATUS),
        _choice("hs_analytics_source", _SOURCES),
        Property("hs_email_optout", "bool"),
        Property("associatedcompanyid", "number", read_only=True),
        Property("salesforcecontactid"),
        Property("salesforceleadid"),
        Property("last_campaign", custom=True),
        Property("last_campaign_status", custom=True),
        Property("last_campaign_on", "date", custom=True),
    ),
    "companies": (
        *_texts("name", "domain", "description", *_PLACE, "hubspot_owner_id"),
        _choice("industry", _INDUSTRIES),
        _choice("lifecyclestage", _LIFECYCLE),
        _choice("hs_lead_status", _LEAD_STATUS),
        *_numbers("annualrevenue", "numberofemployees"),
        Property("hs_parent_company_id", "number", read_only=True),
        Property("salesforceaccountid"),
        Property("account_number", unique=True, custom=True),
        *(Property(name, custom=True) for name in ("billing_email", "tax_id")),
        Property("market_segment", custom=True),
        Property("is_strategic", "bool", custom=True),
        Property("became_customer_on", "date", custom=True),
    ),
    "deals": (
        *_texts("dealname", "description", "hubspot_owner_id", "deal_currency_code"),
        *_numbers("amount", "hs_mrr", "hs_arr", "hs_tcv", "hs_acv"),
        Property("closedate", "datetime"),
        _choice("pipeline", _lines("deals")),
        _choice("dealstage", _stages("deals")),
        _choice("dealtype", ("newbusiness", "existingbusiness")),
        Property("hs_is_closed", "bool", read_only=True),
        Property("hs_is_closed_won", "bool", read_only=True),
        Property("hs_salesforceopportunityid"),
        Property("deal_number", unique=True, custom=True),
    ),
    "tickets": (
        *_texts("subject", "content", "hubspot_owner_id"),
        _choice("hs_pipeline", _lines("tickets")),
        _choice("hs_pipeline_stage", _stages("tickets")),
        _choice("hs_ticket_priority", ("LOW", "MEDIUM", "HIGH", "URGENT")),
    ),
    "products": (
        *_texts("name", "description", "hs_sku", "hs_product_type"),
        *_numbers("price", "hs_cost_of_goods_sold"),
        _choice("recurringbillingfrequency", _FREQUENCIES),
        *_texts("hs_recurring_billing_period"),
        Property("salesforce_product_id", custom=True),
    ),
    "line_items": (
        *_texts("name", "description", "hs_sku", "hs_line_item_currency_code"),
        *_numbers("quantity", "price", "hs_discount_percentage", "hs_product_id"),
        Property("amount", "number", read_only=True),
        _choice("recurringbillingfrequency", _FREQUENCIES),
        *_texts("hs_recurring_billing_period"),
        Property("salesforce_quote_line_id", custom=True),
    ),
    "quotes": (
        *_texts("hs_title", "hs_currency", "hs_quote_number", "hubspot_owner_id"),
        *_numbers("hs_quote_amount"),
        Property("hs_expiration_date", "datetime"),
        _choice("hs_status", _QUOTE_STATUS),
    ),
    "leads": (
        *_texts("hs_lead_name", "hubspot_owner_id"),
        _choice("hs_lead_type", ("NEW_BUSINESS", "RE_ATTEMPTING", "UPSELL")),
        _choice("hs_lead_label", ("HOT", "WARM", "COLD")),
        Property("salesforceleadid", custom=True),
        _choice("hs_pipeline", _lines("leads")),
        _choice("hs_pipeline_stage", _stages("leads")),
    ),
    "campaigns": (
        *_texts("hs_name", "hs_campaign_type", "hs_currency_code", "hs_owner"),
        Property("hs_start_date", "date"),
        Property("hs_end_date", "date"),
        *_numbers("hs_budget_items_sum_amount", "hs_spend_items_sum_amount"),
    ),
    "marketing_events": (
        *_texts("hs_event_name", "hs_event_type", "hs_event_organizer"),
        Property("hs_start_datetime", "datetime"),
        Property("hs_end_datetime", "datetime"),
        Property("hs_event_cancelled", "bool"),
        *_numbers("hs_attendees", "hs_registrations"),
    ),
}


def _defined(kind: Kind) -> dict[str, Property]:
    own = (
        Property(kind.created, "datetime", read_only=True),
        Property(kind.modified, "datetime", read_only=True),
        Property("hs_object_id", "number", read_only=True),
        *(Property(name, read_only=True) for name in _SYSTEM),
    )
    return {each.name: each for each in (*_OF_KIND[kind.name], *own)}


DEFINED = {kind.name: _defined(kind) for kind in KINDS}
