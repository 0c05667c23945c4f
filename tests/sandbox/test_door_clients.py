"""The vendors' own clients come through the door, unmodified, and notice nothing."""

import asyncio
from collections.abc import Callable, Iterator

import netsuite
import pytest
import stripe
from netsuite.exceptions import NetsuiteAPIRequestError
from simple_salesforce import Salesforce
from zenpy import Zenpy

from tests.sandbox.doors import Doors


@pytest.fixture
def through(open_doors: Callable[..., Doors]) -> Iterator[Callable[[str], Doors]]:
    """Open the doors of one vendor, and lead whoever reads os.environ to them."""
    patched = pytest.MonkeyPatch()

    def opened(vendor: str) -> Doors:
        doors = open_doors(only=[vendor])
        for name, value in doors.running.door.environment().items():
            patched.setenv(name, value)
        return doors

    yield opened
    patched.undo()


@pytest.mark.judge("simple-salesforce 1.12.10")
def test_simple_salesforce_signs_in_and_queries(
    through: Callable[[str], Doors],
) -> None:
    """Sign in at My Domain with client credentials and run a query."""
    keys = through("salesforce").keys

    client = Salesforce(
        consumer_key=keys.salesforce_client_id,
        consumer_secret=keys.salesforce_client_secret,
        domain="concord.my",
        version="68.0",
    )
    found = client.query("SELECT Id FROM Opportunity")

    assert client.sf_instance == "concord.my.salesforce.com"
    assert found["totalSize"] == 3


@pytest.mark.judge("stripe 16.1.0")
def test_stripe_lists_customers(
    through: Callable[[str], Doors], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Authenticate with the key and list customers, newest first."""
    doors = through("stripe")
    monkeypatch.setattr(stripe, "ca_bundle_path", doors.ca_file)

    client = stripe.StripeClient(
        doors.keys.stripe_api_key,
        http_client=stripe.RequestsClient(proxy=doors.proxy),
    )
    listed = client.v1.customers.list()

    assert [each.id for each in listed.data] == ["cus_3", "cus_2", "cus_1"]


@pytest.mark.judge("zenpy 2.0.57")
def test_zenpy_reads_the_users_export(through: Callable[[str], Doors]) -> None:
    """Authenticate with an API token and page through the users export."""
    keys = through("zendesk").keys

    client = Zenpy(
        subdomain="concord", email=keys.zendesk_email, token=keys.zendesk_api_token
    )
    users = client.users.incremental(start_time=0)

    assert [user.id for user in users] == [501, 502, 503]


@pytest.mark.judge("netsuite 0.12.0")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_netsuite_is_told_that_its_token_is_foreign(
    through: Callable[[str], Doors],
) -> None:
    """Ask with a token that the account never gave: the client's own error says 401."""
    through("netsuite")
    token = dict.fromkeys(netsuite.TokenAuth.model_fields, "foreign")
    config = netsuite.Config(account="1234567", auth=netsuite.TokenAuth(**token))

    with pytest.raises(NetsuiteAPIRequestError) as refused:
        asyncio.run(
            netsuite.NetSuite(config).rest_api.suiteql("SELECT id FROM customer")
        )

    assert refused.value.status_code == 401
