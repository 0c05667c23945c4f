"""Registry: the systems that can be written to, one line each."""

from collections.abc import Callable, Mapping

from ingestion.systems import connected
from ingestion.transport.rest import Rest
from reverse_etl.destinations import Destination
from reverse_etl.destinations.netsuite import NetSuite
from reverse_etl.destinations.salesforce import Salesforce
from reverse_etl.destinations.stripe import Stripe
from reverse_etl.destinations.tryton import Tryton
from reverse_etl.destinations.zendesk import Zendesk

DESTINATIONS: Mapping[str, Callable[[Rest, Mapping[str, str]], Destination]] = {
    "salesforce": lambda rest, _: Salesforce(rest),
    "stripe": lambda rest, _: Stripe(rest),
    "zendesk": lambda rest, _: Zendesk(rest),
    "netsuite": lambda rest, environ: NetSuite(
        rest, environ.get("NETSUITE_INVOICE_ITEM")
    ),
    "tryton": lambda rest, _: Tryton(rest),
}


def connect(environ: Mapping[str, str]) -> dict[str, Destination]:
    """Return the destinations whose systems are connected; nothing is sent yet."""
    return {
        system.name: DESTINATIONS[system.name](system.connect(environ), environ)
        for system in connected(environ)
        if system.name in DESTINATIONS
    }
