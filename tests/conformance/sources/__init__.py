"""Sources: the registry of the kit, one entry per system; who is tried elsewhere."""

from collections.abc import Mapping

from tests.conformance.source import Source
from tests.conformance.sources.business_central import BUSINESS_CENTRAL
from tests.conformance.sources.chargebee import CHARGEBEE
from tests.conformance.sources.hubspot import HUBSPOT
from tests.conformance.sources.netsuite import NETSUITE
from tests.conformance.sources.salesforce import SALESFORCE
from tests.conformance.sources.stripe import STRIPE
from tests.conformance.sources.vitally import VITALLY
from tests.conformance.sources.zendesk import ZENDESK

SOURCES: tuple[Source, ...] = (
    SALESFORCE,
    HUBSPOT,
    STRIPE,
    CHARGEBEE,
    ZENDESK,
    NETSUITE,
    BUSINESS_CENTRAL,
    VITALLY,
)
# Systems that are not tried here, and where they are.
ELSEWHERE: Mapping[str, str] = {
    "tryton": "tests/sandbox/tryton, with a real server instead of a sandbox"
}
