"""Preconditions at Salesforce: entity tags of accounts, instants of all records."""

from typing import Any

import pytest

ACCOUNT = "001Hs0000000001IAA"
CONTACT = "003Hs0000000001IAA"


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Thu, 01 Oct 2026 08:59:59 GMT", 412),
        ("Thu, 01 Oct 2026 08:59:59 -0000", 412),
        ("Thu, 01 Oct 2026 09:00:00 GMT", 204),
        ("yesterday", 400),
    ],
)
def test_if_unmodified_since_protects_a_newer_record(
    served: Any, since: str, status: int
) -> None:
    """The condition holds to the second."""
    response = served.salesforce.patch(
        f"sobjects/Account/{ACCOUNT}",
        json={"Name": "Renamed"},
        headers={"If-Unmodified-Since": since},
    )

    assert response.status_code == status


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_if_match_protects_an_account(served: Any, coding: str) -> None:
    """A tag is good for one write, whether its answer was compressed or not."""
    url = f"sobjects/Account/{ACCOUNT}"
    read = served.salesforce.get(url, headers={"Accept-Encoding": coding})
    seen = {"If-Match": read.headers["etag"]}

    first = served.salesforce.patch(url, json={"Name": "First"}, headers=seen)
    second = served.salesforce.patch(url, json={"Name": "Second"}, headers=seen)

    assert read.headers["etag"].endswith('--gzip"') is (coding == "gzip")
    assert (first.status_code, second.status_code) == (204, 412)
    assert second.json()[0]["errorCode"] == "PRECONDITION_FAILED"
    assert first.headers["etag"] != read.headers["etag"]
    assert served.held("Account", ACCOUNT)["Name"] == "First"


def test_only_accounts_have_tags(served: Any) -> None:
    """Any other object has no tag and takes no notice of If-Match."""
    url = f"sobjects/Contact/{CONTACT}"

    read = served.salesforce.get(url)
    changed = served.salesforce.patch(
        url, json={"Title": "CFO"}, headers={"If-Match": '"other"'}
    )

    assert "etag" not in read.headers
    assert changed.status_code == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": "*"}, 204),
        ({"If-Match": '"a", "b"'}, 412),
        ({"If-Match": "unquoted"}, 400),
        ({"If-None-Match": "*"}, 412),
        ({"If-None-Match": '"other"'}, 204),
        ({"If-Modified-Since": "Thu, 01 Oct 2026 09:00:00 GMT"}, 412),
        ({"If-Modified-Since": "Thu, 01 Oct 2026 08:59:59 GMT"}, 204),
    ],
)
def test_a_condition_of_a_write_holds_or_not(
    served: Any, headers: dict[str, str], status: int
) -> None:
    """412 where it does not hold, 400 where it is none."""
    response = served.salesforce.patch(
        f"sobjects/Account/{ACCOUNT}", json={"Name": "x"}, headers=headers
    )

    assert response.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Modified-Since": "Thu, 01 Oct 2026 09:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Thu, 01 Oct 2026 08:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": "Thu, 01 Oct 2026 08:00:00 GMT"}, 412),
        ({"If-Match": '"other"'}, 412),
        ({"If-None-Match": "*"}, 304),
    ],
)
def test_a_condition_of_a_read_holds_or_not(
    reading: Any, headers: dict[str, str], status: int
) -> None:
    """304 if the caller has the record already, 412 if it expected another."""
    response = reading.salesforce.get(f"sobjects/Account/{ACCOUNT}", headers=headers)

    assert response.status_code == status


def test_a_delete_takes_no_conditions(served: Any) -> None:
    """Salesforce deletes whatever the headers say."""
    response = served.salesforce.delete(
        f"sobjects/Account/{ACCOUNT}", headers={"If-Match": '"other"'}
    )

    assert response.status_code == 204
