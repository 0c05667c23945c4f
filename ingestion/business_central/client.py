"""Business Central's client: an environment of a tenant, and whose books are read."""

import re
import threading
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from ingestion.business_central.errors import classify
from ingestion.business_central.pages import page
from ingestion.errors import Refused, naming
from ingestion.readings import Document
from ingestion.transport.auth import Auth, TokenAuth
from ingestion.transport.budget import Limits
from ingestion.transport.links import base_of
from ingestion.transport.redaction import secret
from ingestion.transport.rest import Rest
from ingestion.transport.windows import Window

_NAME = "business_central"
_TENANT = "BUSINESS_CENTRAL_TENANT"
_CLIENT_ID = "BUSINESS_CENTRAL_CLIENT_ID"
_CLIENT_SECRET = "BUSINESS_CENTRAL_CLIENT_SECRET"  # noqa: S105 -- a setting's name
REQUIRED = (_TENANT, _CLIENT_ID, _CLIENT_SECRET)
# Optional: national clouds have other addresses, companies other environments. Without
# a list of companies, by id or name with commas between, all are read.
URL, DEFAULT_URL = "BUSINESS_CENTRAL_URL", "https://api.businesscentral.dynamics.com"
LOGIN_URL, DEFAULT_LOGIN_URL = (
    "BUSINESS_CENTRAL_LOGIN_URL",
    "https://login.microsoftonline.com",
)
ENVIRONMENT, DEFAULT_ENVIRONMENT = "BUSINESS_CENTRAL_ENVIRONMENT", "Production"
COMPANIES = "BUSINESS_CENTRAL_COMPANIES"

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SCOPE = "https://api.businesscentral.dynamics.com/.default"

_SOURCE = "learn.microsoft.com: operational limits for Business Central Online, OData"
LIMITS = Limits(
    (Window("five minutes", 6000, 300.0, _SOURCE, reserve=0.1),),
    concurrency=5,
    source=_SOURCE,
)


class Books(Rest):
    """The API of one environment, and the companies whose books are read there.

    Which companies there are is asked once in the life of a client: every walk needs
    them in every step, and a call for each would double the calls of a quiet load.
    """

    def __init__(
        self,
        base_url: str,
        root: str,
        auth: Auth,
        wanted: frozenset[str],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare the client; nothing is sent before the first call.

        Args:
            base_url: where the API is; https, or this machine.
            root: the path of the environment below it.
            auth: the credential.
            wanted: ids or names of companies; all where there are none.
            transport: the way there.
        """
        super().__init__(
            _NAME, base_url, auth, classify, limits=LIMITS, transport=transport
        )
        self.root = root
        self._wanted = wanted
        self._companies: list[Document] | None = None
        self._asking = threading.Lock()

    def companies(self) -> list[Document]:
        """Return the companies that are read, by their ids.

        Raises:
            Refused: one that the settings name is not there.
        """
        with self._asking:
            if self._companies is None:
                self._companies = self._chosen(self._listed())
            return self._companies

    def _listed(self) -> list[Document]:
        path: str | None = f"{self.root}/companies"
        found: list[Document] = []
        with naming("company"):
            while path is not None:
                answer = page(self, path, is_first=not found)
                found += answer.records
                path = answer.next
            for company in found:
                if not isinstance(company.get("id"), str):
                    raise Refused(self.system, "a company has no id")
        return sorted(found, key=lambda company: str(company["id"]))

    def _chosen(self, found: list[Document]) -> list[Document]:
        if not self._wanted:
            return found
        chosen = {
            word: company
            for company in found
            for word in (str(company["id"]).lower(), company.get("name"))
            if word in self._wanted
        }
        missing = sorted(self._wanted - chosen.keys())
        if missing:
            raise Refused(
                self.system,
                f"no company is called {', '.join(missing)[:200]}",
                f"correct {COMPANIES}, or let the application see the company, then"
                " run again",
                object="company",
            )
        return [company for company in found if company in chosen.values()]


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Books:
    """Return the API of an environment; the credential is an application of Entra.

    Raises:
        Refused: an address cannot be used.
    """
    tenant = quote(environ[_TENANT], safe="")
    environment = quote(environ.get(ENVIRONMENT) or DEFAULT_ENVIRONMENT, safe="")
    login = _login(environ.get(LOGIN_URL) or DEFAULT_LOGIN_URL)

    def request() -> tuple[Mapping[str, str], Mapping[str, str]]:
        form = {
            "grant_type": "client_credentials",
            "client_id": environ[_CLIENT_ID],
            "client_secret": secret(environ[_CLIENT_SECRET]),
            "scope": SCOPE,
        }
        return form, {}

    auth = TokenAuth(
        _NAME,
        f"{login}/{tenant}/oauth2/v2.0/token",
        request,
        ", ".join(REQUIRED),
        identity=f"{tenant} {environ[_CLIENT_ID]}",
    )
    names = environ.get(COMPANIES, "").split(",")
    return Books(
        environ.get(URL) or DEFAULT_URL,
        f"/v2.0/{tenant}/{environment}/api/v2.0",
        auth,
        frozenset(_word(name) for name in names if name.strip()),
        transport,
    )


def _login(url: str) -> str:
    try:
        return base_of(_NAME, url)
    except Refused as fault:
        fault.next_step = f"correct {LOGIN_URL}, then run again"
        raise


def _word(name: str) -> str:
    """Return an id as the vendor writes it, or a name as it was given."""
    lower = name.strip().lower()
    return lower if _GUID.fullmatch(lower) else name.strip()
