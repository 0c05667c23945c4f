"""Record links: the page on which a person opens a record of a system."""

from collections.abc import Mapping
from urllib.parse import quote

# {id} is the record's. A system whose address needs more than its API's (HubSpot's
# portal, Business Central's company) has none.
_PAGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "salesforce": (
        "SALESFORCE_URL",
        dict.fromkeys(
            (
                "account",
                "contact",
                "contract",
                "opportunity",
                "order",
                "product2",
                "quote",
            ),
            "/{id}",
        ),
    ),
    "stripe": (
        "",
        {
            "customer": "https://dashboard.stripe.com/customers/{id}",
            "invoice": "https://dashboard.stripe.com/invoices/{id}",
            "subscription": "https://dashboard.stripe.com/subscriptions/{id}",
            "payment": "https://dashboard.stripe.com/payments/{id}",
        },
    ),
    "chargebee": (
        "CHARGEBEE_URL",
        {
            "customer": "/d/customers/{id}",
            "invoice": "/d/invoices/{id}",
            "subscription": "/d/subscriptions/{id}",
        },
    ),
    "netsuite": (
        "NETSUITE_URL",
        {
            "customer": "/app/common/entity/custjob.nl?id={id}",
            "invoice": "/app/accounting/transactions/custinvc.nl?id={id}",
        },
    ),
    "zendesk": (
        "ZENDESK_URL",
        {"organization": "/agent/organizations/{id}", "ticket": "/agent/tickets/{id}"},
    ),
    "tryton": (
        "TRYTON_URL",
        {
            "party": "/#{database}/model/party.party/{id}",
            "invoice": "/#{database}/model/account.invoice/{id}",
        },
    ),
}


def links(environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return system, object and address of each kind of record that people can open."""
    found = []
    for system, (setting, pages) in _PAGES.items():
        base = environ.get(setting, "").rstrip("/")
        if setting and not base:
            continue
        # NetSuite answers programs and people at hosts of one account.
        base = base.replace(".suitetalk.api.", ".app.")
        database = environ.get("TRYTON_DATABASE", "")
        found += [
            (system, kind, f"{base}{page}".replace("{database}", database))
            for kind, page in pages.items()
        ]
    return found


def link(environ: Mapping[str, str], record_key: str | None) -> str | None:
    """Return the page of a record, named as exceptions do; None where there is none."""
    system, _, rest = (record_key or "").partition(":")
    kind, _, record_id = rest.partition(":")
    if not record_id or record_id == "*" or record_id.startswith("key:"):
        return None  # no one record, or one that is still to be made
    pages = {(at, name): page for at, name, page in links(environ)}
    page = pages.get((system, kind))
    return page.replace("{id}", quote(record_id, safe="")) if page else None
