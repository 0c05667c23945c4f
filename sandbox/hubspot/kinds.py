"""Kinds: the objects of HubSpot's CRM, and the names each of them goes by."""

from dataclasses import dataclass

SYSTEM = "hubspot"


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type of the CRM.

    Attributes:
        name: in paths, and of the collection that holds the records.
        singular: in types of events and associations.
        type_id: HubSpot's number for it.
        scope: what an app must be granted, without `.read` and `.write`.
        shown: the properties that an answer has if none are asked for.
        searched: the properties in which a search's `query` looks.
        modified: the property that tells when the record last changed.
    """

    name: str
    singular: str
    type_id: str
    scope: str
    shown: tuple[str, ...]
    searched: tuple[str, ...]
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"

    @property
    def always(self) -> tuple[str, ...]:
        """Return the properties that every answer has."""
        return (self.created, self.modified, "hs_object_id")

    @property
    def label(self) -> str:
        """Return the kind as error sentences have it."""
        return self.singular.upper()


_CONTACTS = Kind(
    "contacts",
    "contact",
    "0-1",
    "crm.objects.contacts",
    ("email", "firstname", "lastname"),
    ("email", "firstname", "lastname", "phone", "company"),
    modified="lastmodifieddate",
)
_COMPANIES = Kind(
    "companies",
    "company",
    "0-2",
    "crm.objects.companies",
    ("name", "domain"),
    ("name", "domain", "website", "phone"),
)
_DEALS = Kind(
    "deals",
    "deal",
    "0-3",
    "crm.objects.deals",
    ("dealname", "amount", "closedate", "pipeline", "dealstage"),
    ("dealname", "pipeline", "dealstage", "description"),
)
_TICKETS = Kind(
    "tickets",
    "ticket",
    "0-5",
    "tickets",
    ("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority"),
    ("subject", "content"),
)
_PRODUCTS = Kind(
    "products",
    "product",
    "0-7",
    "e-commerce",
    ("name", "description", "price"),
    ("name", "description", "hs_sku"),
)
_LINE_ITEMS = Kind(
    "line_items",
    "line_item",
    "0-8",
    "crm.objects.line_items",
    ("quantity", "amount", "price"),
    ("name", "hs_sku"),
)
_QUOTES = Kind(
    "quotes",
    "quote",
    "0-14",
    "crm.objects.quotes",
    ("hs_title", "hs_status", "hs_expiration_date"),
    ("hs_title", "hs_quote_number"),
    created="hs_createdate",
)
_LEADS = Kind(
    "leads",
    "lead",
    "0-136",
    "crm.objects.leads",
    ("hs_lead_name",),
    ("hs_lead_name",),
    created="hs_createdate",
)
# The numbers of the two marketing objects are believed, unverified.
_CAMPAIGNS = Kind(
    "campaigns",
    "campaign",
    "0-35",
    "marketing.campaigns",
    ("hs_name",),
    ("hs_name",),
    created="hs_createdate",
)
_MARKETING_EVENTS = Kind(
    "marketing_events",
    "marketing_event",
    "0-54",
    "crm.objects.marketing_events",
    ("hs_event_name",),
    ("hs_event_name",),
    created="hs_createdate",
)
KINDS = (
    _CONTACTS,
    _COMPANIES,
    _DEALS,
    _TICKETS,
    _PRODUCTS,
    _LINE_ITEMS,
    _QUOTES,
    _LEADS,
    _CAMPAIGNS,
    _MARKETING_EVENTS,
)
BY_NAME = {kind.name: kind for kind in KINDS}
_BY_ANY_NAME = {
    alias: kind
    for kind in KINDS
    for alias in (kind.name, kind.singular, kind.type_id, f"p_{kind.name}")
}


def kind_named(text: str) -> Kind | None:
    """Return the kind that a path means: by its name, singular or number."""
    return _BY_ANY_NAME.get(text.lower())
