"""Access: where Salesforce's API is, who we are there, and how much it takes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from ingestion.errors import Refused
from ingestion.salesforce.errors import classify
from ingestion.transport.auth import TokenAuth, basic
from ingestion.transport.budget import Limits
from ingestion.transport.grants import RefreshToken, jwt_bearer, signing_key
from ingestion.transport.rest import Rest
from ingestion.transport.windows import Window

API_VERSION = "v68.0"
DATA = f"/services/data/{API_VERSION}"
REQUIRED = ("SALESFORCE_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET")

_LIMITS_PAGE = (
    "developer.salesforce.com, Developer Limits and Allocations Quick Reference:"
    " API Request Limits and Allocations"
)
LIMITS = Limits(
    # Enterprise Edition before any licence adds to it; every answer tells the org's.
    (Window("day", 100_000, 86_400.0, _LIMITS_PAGE, reserve=0.1),),
    # 25 that last longer than 20 seconds; shorter ones have no limit.
    concurrency=25,
    source=_LIMITS_PAGE,
)
# An assertion is for the login service, whatever the organisation's own domain is.
_LOGIN = "https://login.salesforce.com"


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return Salesforce's API; the credential is a connected app's client.

    With SALESFORCE_PRIVATE_KEY_FILE and SALESFORCE_USERNAME the app proves itself by a
    signature and speaks for that user; with SALESFORCE_REFRESH_TOKEN_FILE it speaks for
    whoever authorized it.

    Raises:
        Refused: the private key cannot be read.
    """
    url = environ["SALESFORCE_URL"].rstrip("/")
    return Rest(
        "salesforce",
        url,
        authorization(environ, url),
        classify,
        limits=LIMITS,
        transport=transport,
    )


def authorization(environ: Mapping[str, str], url: str) -> TokenAuth:
    """Return how the settings say that we sign in at `url`.

    Raises:
        Refused: the private key cannot be read.
    """
    client_id = environ["SALESFORCE_CLIENT_ID"]
    app = basic(client_id, environ["SALESFORCE_CLIENT_SECRET"])
    auth = TokenAuth(
        "salesforce",
        f"{url}/services/oauth2/token",
        lambda: ({"grant_type": "client_credentials"}, {"Authorization": app.value}),
        "SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET",
        identity=client_id,
    )
    key_file = environ.get("SALESFORCE_PRIVATE_KEY_FILE")
    refresh_file = environ.get("SALESFORCE_REFRESH_TOKEN_FILE")
    if key_file:
        key = signing_key("salesforce", key_file)
        user = environ.get("SALESFORCE_USERNAME", "")
        auth.request = lambda: (
            jwt_bearer(key, client_id=client_id, subject=user, audience=_LOGIN),
            {},
        )
        auth.credential_names = (
            "SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY_FILE"
        )
    elif refresh_file:
        token = RefreshToken("salesforce", Path(refresh_file))
        auth.request = lambda: (token.form(), {"Authorization": app.value})
        auth.keep = token.keep
        auth.credential_names = (
            "SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET and"
            " SALESFORCE_REFRESH_TOKEN_FILE"
        )
    return auth


@contextmanager
def documented(path: str) -> Iterator[None]:
    """Read an answer of `path`, which has the documented form.

    Raises:
        Refused: it has not.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refused(
            "salesforce",
            f"{path} answered otherwise than is documented",
            "check that SALESFORCE_URL is the address of the API, then run again",
        ) from error
