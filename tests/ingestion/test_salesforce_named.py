"""Single records are read by their ids, and who is not there is said."""

import pytest

from ingestion import salesforce
from sandbox.credentials import Credentials
from tests.ingestion.salesforce_org import accounts, an_id, opened


def test_named_records_come_by_their_ids_and_the_others_are_gone(
    keys: Credentials,
) -> None:
    """At most 200 ids in a query; what cannot be an id is not sent."""
    ids = [an_id("001", number) for number in range(1, 261)]

    with opened(keys) as start:
        org = start(Account=accounts(250))
        asked = [*ids, "x') OR Id != ('", ids[0]]
        walked = org.walk(salesforce.named("accounts", asked))

    assert set(walked.documents["accounts"]) == set(ids[:250])
    assert walked.arrived == {"accounts": 250}
    assert walked.gone == {"accounts": [*ids[250:], "x') OR Id != ('"]}
    assert walked.calls == ["GET queryAll"] * 2


def test_a_stream_that_does_not_exist_has_no_named_records() -> None:
    """The caller learns it before anything is asked."""
    with pytest.raises(KeyError, match="invoices"):
        salesforce.named("invoices", ["1"])
