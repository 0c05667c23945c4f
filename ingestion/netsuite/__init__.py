"""NetSuite: the ERP, read by SuiteQL.

Changes are found by `lastmodifieddate`, deletions in `deletedrecord`; once a day all
keys are listed, since scripts and merges leave no row there. SuiteQL gives every value
as text, leaves out what is null, and repeats or loses rows when it pages by offset, so
each page begins after the last key.
"""

from collections.abc import Mapping

import httpx

from ingestion.netsuite.errors import ERRORS, classify
from ingestion.netsuite.reading import named, query, readings
from ingestion.netsuite.streams import STREAMS
from ingestion.transport.auth import TokenAuth
from ingestion.transport.budget import Limits
from ingestion.transport.grants import client_assertion, signing_key
from ingestion.transport.rest import Rest

__all__ = [
    "ERRORS",
    "LIMITS",
    "REQUIRED",
    "STREAMS",
    "classify",
    "client",
    "named",
    "query",
    "readings",
]

REQUIRED = (
    "NETSUITE_URL",
    "NETSUITE_CLIENT_ID",
    "NETSUITE_CERTIFICATE_ID",
    "NETSUITE_PRIVATE_KEY_FILE",
)

LIMITS = Limits(
    (),
    # The account's, for all its integrations: 5 in the smallest tier, 15 in tier 1, 10
    # more for each SuiteCloud Plus licence.
    concurrency=5,
    source="Oracle Help Center, bridgehead_1525252812: Web Services and RESTlet"
    " Concurrency Governance",
)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return NetSuite's API; the credential is a certificate that signs assertions.

    Raises:
        Refused: the private key cannot be read.
    """
    url = environ["NETSUITE_URL"].rstrip("/")
    token_url = f"{url}/services/rest/auth/oauth2/v1/token"
    private_key = signing_key("netsuite", environ["NETSUITE_PRIVATE_KEY_FILE"])

    def exchange() -> tuple[Mapping[str, str], Mapping[str, str]]:
        form = client_assertion(
            private_key,
            certificate_id=environ["NETSUITE_CERTIFICATE_ID"],
            client_id=environ["NETSUITE_CLIENT_ID"],
            audience=token_url,
            scope="rest_webservices",
        )
        return form, {}

    auth = TokenAuth(
        "netsuite",
        token_url,
        exchange,
        "NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID and NETSUITE_PRIVATE_KEY_FILE",
        identity=environ["NETSUITE_CLIENT_ID"],
    )
    return Rest("netsuite", url, auth, classify, limits=LIMITS, transport=transport)
