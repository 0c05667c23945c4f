"""Registry: the systems that can be written to, one line each."""

from collections.abc import Callable, Mapping
from functools import partial

from ingestion.systems import connected
from ingestion.transport.rest import Rest
from reverse_etl.destinations import Destination
from reverse_etl.destinations.business_central import BusinessCentral
from reverse_etl.destinations.chargebee import Chargebee
from reverse_etl.destinations.declared import WRITERS, Declared
from reverse_etl.destinations.hubspot import HubSpot
from reverse_etl.destinations.netsuite import NetSuite
from reverse_etl.destinations.salesforce import Salesforce
from reverse_etl.destinations.stripe import Stripe
from reverse_etl.destinations.tryton import Tryton
from reverse_etl.destinations.zendesk import Zendesk

Connect = Callable[[Rest, Mapping[str, str]], Destination]


def _declared(name: str, rest: Rest, _environ: Mapping[str, str]) -> Destination:
    return Declared(rest, WRITERS[name])


DESTINATIONS: Mapping[str, Connect] = {
    "salesforce": lambda rest, environ: Salesforce(
        rest, environ.get("SALESFORCE_UNCONDITIONAL", "").split()
    ),
    "hubspot": lambda rest, _: HubSpot(rest),
    "stripe": lambda rest, _: Stripe(rest),
    "chargebee": lambda rest, _: Chargebee(rest),
    "zendesk": lambda rest, _: Zendesk(rest),
    "netsuite": lambda rest, environ: NetSuite(
        rest, environ.get("NETSUITE_INVOICE_ITEM")
    ),
    "business_central": lambda rest, _: BusinessCentral(rest),
    "tryton": lambda rest, _: Tryton(rest),
    **{name: partial(_declared, name) for name in WRITERS},
}


def connect(environ: Mapping[str, str]) -> dict[str, Destination]:
    """Return the destinations whose systems are connected; nothing is sent yet."""
    return {
        system.name: DESTINATIONS[system.name](system.connect(environ), environ)
        for system in connected(environ)
        if system.name in DESTINATIONS
    }
