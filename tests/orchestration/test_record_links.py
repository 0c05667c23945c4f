"""Record links: an exception leads to the record that it is about."""

import pytest

from orchestration.record_links import link

ENVIRON = {
    "SALESFORCE_URL": "https://acme.my.salesforce.com/",
    "NETSUITE_URL": "https://123.suitetalk.api.netsuite.com",
    "TRYTON_URL": "http://localhost:8000",
    "TRYTON_DATABASE": "books",
}


@pytest.mark.parametrize(
    ("record_key", "page"),
    [
        ("salesforce:account:001A", "https://acme.my.salesforce.com/001A"),
        ("stripe:customer:cus_1", "https://dashboard.stripe.com/customers/cus_1"),
        (
            "netsuite:customer:12",
            "https://123.app.netsuite.com/app/common/entity/custjob.nl?id=12",
        ),
        ("tryton:party:7", "http://localhost:8000/#books/model/party.party/7"),
        ("salesforce:account:a/../b", "https://acme.my.salesforce.com/a%2F..%2Fb"),
    ],
)
def test_a_record_has_the_page_of_its_system(record_key: str, page: str) -> None:
    """At the installation's own address, and what is in an id stays in it."""
    assert link(ENVIRON, record_key) == page


@pytest.mark.parametrize(
    "record_key",
    [
        None,
        "netsuite:invoice:key:in_1",  # not made yet
        "salesforce:account:*",  # no one record
        "zendesk:organization:5",  # not connected
        "hubspot:company:5",  # its address needs more than the id
    ],
)
def test_what_cannot_be_opened_has_no_page(record_key: str | None) -> None:
    """Rather none than a page that shows something else."""
    assert link(ENVIRON, record_key) is None
