"""Objects: what is read of HubSpot, property by property, and which pairs belong.

A property ending in `?` is one that not every account has: those that its admins or the
integration with Salesforce added, those of paid features. Any other that is missing is
an error, since HubSpot leaves out a property it does not know without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestion import streams
from ingestion.hubspot.values import day, flag, instant, key, number, text
from ingestion.readings import Document
from ingestion.streams import Column, Stream

MERGED = "hs_merged_object_ids"


@dataclass(frozen=True, slots=True)
class Pair:
    """The associations of one kind of record with another, read from one side.

    Attributes:
        stream: a row for each two records.
        origin: the objects from whose side they are read.
        to: the objects at the other end.
        parent: the stream's column with the id of the record at the origin.
    """

    stream: Stream
    origin: str
    to: str
    parent: str


@dataclass(frozen=True, slots=True)
class CrmObject:
    """One object of the CRM.

    Attributes:
        stream: its records; the stream's name is the object's in paths.
        modified: the property that every change moves.
        pairs: the associations that are read along with its records.
    """

    stream: Stream
    modified: str
    pairs: tuple[Pair, ...] = ()

    @property
    def name(self) -> str:
        """Return the object's name, as paths have it."""
        return self.stream.name

    @property
    def properties(self) -> list[str]:
        """Return the properties to ask for: no other is sent."""
        paths = [str(column.path) for column in self.stream.columns]
        own = [path for path in paths if path.startswith("properties.")]
        return [path.removeprefix("properties.").rstrip("?") for path in own]

    @property
    def fills(self) -> tuple[str, ...]:
        """Return the streams that its walks fill."""
        return (self.name, *(pair.stream.name for pair in self.pairs))


def _is_archived(document: Document) -> bool:
    return document["archived"] is True


def _object(
    name: str,
    singular: str,
    *columns: Column,
    pairs: tuple[Pair, ...] = (),
    created: str = "createdate",
    modified: str = "hs_lastmodifieddate",
) -> CrmObject:
    common = (
        text(f"{MERGED}?"),
        instant(created),
        instant(modified),
        streams.instant("archived_at", "archivedAt?"),
    )
    stream = Stream(
        name,
        singular,
        (*columns, *common),
        cursor=modified,
        is_deleted=_is_archived,
    )
    return CrmObject(stream, modified, pairs)


def _labels(document: Document) -> str | None:
    """Return the labels that people gave an association, in order."""
    labels = {each["label"] for each in document["associationTypes"]}
    return "; ".join(sorted(label for label in labels if label)) or None


def _pair(origin: str, one: str, to: str, other: str, primary: int) -> Pair:
    """Return associations; `primary` is the number of the type of the primary one.

    The numbers are the same in every account (developers.hubspot.com, association type
    ids); 0 where there is no such type.
    """

    def is_primary(document: Document) -> bool:
        return any(
            (each["category"], each["typeId"]) == ("HUBSPOT_DEFINED", primary)
            for each in document["associationTypes"]
        )

    stream = Stream(
        f"{origin}_{to}",
        f"{one}_to_{other}",
        (
            streams.key(f"{one}_id", "fromObjectId"),
            streams.key(f"{other}_id", "toObjectId"),
            streams.flag("is_primary", is_primary),
            streams.text("labels", _labels),
        ),
        identity=("fromObjectId", "toObjectId"),
    )
    return Pair(stream, origin, to, f"{one}_id")


def association(origin_id: str, target: Mapping[str, Any]) -> dict[str, Any]:
    """Return one association as a document of its own: HubSpot nests it.

    The types have no order of their own: they get one, so that an association that is
    as it was reads as it did.
    """
    types = sorted(
        target["associationTypes"], key=lambda each: (each["category"], each["typeId"])
    )
    return {"fromObjectId": origin_id, **target, "associationTypes": types}


OBJECTS = (
    _object(
        "companies",
        "company",
        text("name"),
        text("domain"),
        text("website"),
        text("phone"),
        text("address"),
        text("city"),
        text("state"),
        text("zip"),
        text("country"),
        text("industry"),
        text("lifecyclestage"),
        text("hs_lead_status"),
        number("annualrevenue"),
        number("numberofemployees"),
        key("hubspot_owner_id"),
        key("hs_parent_company_id"),
        key("salesforceaccountid?"),
        text("account_number?"),
        text("billing_email?"),
        text("tax_id?"),
        text("market_segment?"),
        flag("is_strategic?"),
        day("became_customer_on?"),
    ),
    _object(
        "contacts",
        "contact",
        text("email"),
        text("hs_additional_emails"),
        text("firstname"),
        text("lastname"),
        text("company"),
        text("jobtitle"),
        text("phone"),
        text("mobilephone"),
        text("country"),
        text("lifecyclestage"),
        text("hs_lead_status"),
        text("hs_analytics_source"),
        flag("hs_email_optout"),
        key("associatedcompanyid"),
        key("hubspot_owner_id"),
        key("salesforcecontactid?"),
        key("salesforceleadid?"),
        text("last_campaign?"),
        text("last_campaign_status?"),
        day("last_campaign_on?"),
        pairs=(_pair("contacts", "contact", "companies", "company", 1),),
        modified="lastmodifieddate",
    ),
    _object(
        "deals",
        "deal",
        text("dealname"),
        text("pipeline"),
        text("dealstage"),
        text("dealtype"),
        number("amount"),
        text("deal_currency_code?"),
        number("hs_mrr"),
        number("hs_arr"),
        number("hs_acv"),
        number("hs_tcv"),
        instant("closedate"),
        flag("hs_is_closed"),
        flag("hs_is_closed_won"),
        key("hubspot_owner_id"),
        key("hs_salesforceopportunityid?"),
        text("deal_number?"),
        pairs=(
            _pair("deals", "deal", "companies", "company", 5),
            _pair("deals", "deal", "contacts", "contact", 0),
        ),
    ),
    _object(
        "products",
        "product",
        text("name"),
        text("description"),
        text("hs_sku"),
        text("hs_product_type"),
        number("price"),
        number("hs_cost_of_goods_sold"),
        text("recurringbillingfrequency"),
        text("hs_recurring_billing_period"),
        key("salesforce_product_id?"),
    ),
    _object(
        "line_items",
        "line_item",
        text("name"),
        text("hs_sku"),
        key("hs_product_id"),
        number("quantity"),
        number("price"),
        number("hs_discount_percentage"),
        number("amount"),
        text("hs_line_item_currency_code?"),
        text("recurringbillingfrequency"),
        text("hs_recurring_billing_period"),
        key("salesforce_quote_line_id?"),
        # From this side: a line gets its deal once, when it is made.
        pairs=(_pair("line_items", "line_item", "deals", "deal", 0),),
    ),
    _object(
        "leads",
        "lead",
        text("hs_lead_name"),
        text("hs_lead_type"),
        text("hs_lead_label"),
        text("hs_pipeline"),
        text("hs_pipeline_stage"),
        key("hubspot_owner_id"),
        key("salesforceleadid?"),
        pairs=(
            _pair("leads", "lead", "contacts", "contact", 578),
            _pair("leads", "lead", "companies", "company", 0),
        ),
        created="hs_createdate",
    ),
)

OWNERS = Stream(
    "owners",
    "owner",
    (
        streams.text("email", "email?"),
        streams.text("first_name", "firstName?"),
        streams.text("last_name", "lastName?"),
        streams.key("user_id", "userIdIncludingInactive?"),
        streams.instant("created_at", "createdAt"),
        streams.instant("updated_at", "updatedAt"),
    ),
    cursor="updated_at",
    is_deleted=_is_archived,
)

STREAMS = (
    *(each.stream for each in OBJECTS),
    OWNERS,
    *(pair.stream for each in OBJECTS for pair in each.pairs),
)
