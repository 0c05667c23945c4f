"""Whatever happens between us and a vendor costs a moment, never a record."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from ingestion.errors import Refused, Transient
from ingestion.transport.exchange import Bounds
from tests.conformance.account import Account
from tests.conformance.wire import bomb, broken_off, page_of_html


def read_through(account: Account, *faults: Mapping[str, Any]) -> list[int]:
    """Read all of a stream past faults; return the statuses of the answers.

    Everything comes, and nothing is changed by it.
    """
    before = account.fingerprint()
    account.spoil(*faults)

    loaded = account.read_again()

    assert account.faults.waiting == []
    assert (loaded.read, loaded.changed, loaded.deleted) == (len(account.ids()), 0, 0)
    assert account.fingerprint() == before
    return [call.status for call in account.reads()]


def test_a_wrong_credential_names_the_setting(account: Account) -> None:
    """The sentence says what to check and shows nothing of the credential."""
    spoiled = account.source.spoiled

    fault = account.fault(**{spoiled: "wrong-credential"})

    assert isinstance(fault, Refused)
    assert spoiled in str(fault)
    assert "wrong-credential" not in str(fault)


def test_an_unreachable_system_names_the_address(account: Account) -> None:
    """Nobody answers there: the sentence has the host and the setting."""
    setting = f"{account.source.name.upper()}_URL"

    fault = account.fault(**{setting: "http://127.0.0.1:9"})

    assert isinstance(fault, Transient)
    assert "127.0.0.1:9" in str(fault)
    assert f"check {account.source.name.upper()}_" in str(fault)


def test_an_answer_that_is_401_once(account: Account) -> None:
    """Where tokens are exchanged, a new one is; a key that is refused ends the load."""
    if account.source.renews:
        statuses = read_through(account, {"kind": "status", "status": 401})
        assert statuses.count(401) == 1
        return
    account.spoil({"kind": "status", "status": 401})

    fault = account.fault()

    assert isinstance(fault, Refused)
    assert len(account.reads()) == 1
    assert account.read_again().changed == 0


def test_an_expired_token_is_renewed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sessions end between two pages; the walk goes on with a new token."""
    source = account.source
    for number in range(source.crowd):
        account.store.keep(source.name, source.object, account.copy(number + 1))
    source.small(monkeypatch, source.page)
    account.spoil({"kind": "expired_tokens", "skip": 1})

    loaded = account.load_stream(is_full=True)

    assert account.faults.waiting == []
    assert (loaded.read, loaded.rows) == (len(account.ids()), len(account.ids()))
    assert [call.status for call in account.reads()].count(401) == 1


def test_a_pause_that_the_vendor_asks_for_is_kept(account: Account) -> None:
    """Busy, with Retry-After: nothing is sent before, and the load does not fail."""
    busy = account.source.busy
    asks = {"kind": "status", "status": busy, "headers": {"Retry-After": "7"}}

    statuses = read_through(account, asks)

    assert statuses.count(busy) == 1
    assert 6.9 <= sum(account.passing.pauses) < 60


def test_a_server_that_breaks_is_asked_again(account: Account) -> None:
    """Two answers of 503 and one of 500 cost a moment."""
    statuses = read_through(
        account,
        {"kind": "status", "status": 503, "times": 2},
        {"kind": "status", "status": 500},
    )

    assert sorted(statuses)[-3:] == [500, 503, 503]


def test_a_lost_request_is_sent_again(account: Account) -> None:
    """The connection breaks before the vendor has read anything."""
    read_through(account, {"kind": "lost_request"})


def test_a_lost_answer_is_asked_for_again(account: Account) -> None:
    """The vendor has answered and nobody heard it."""
    read_through(account, {"kind": "lost_response"})


def test_an_answer_that_breaks_off_is_asked_for_again(account: Account) -> None:
    """The connection breaks in the middle of a body."""
    read_through(account, {"kind": "truncated_body"})


def test_a_slow_start_is_waited_for(account: Account) -> None:
    """The vendor thinks for a while before it answers."""
    read_through(account, {"kind": "delay", "seconds": 0.1})


def test_a_body_that_trickles_is_taken_within_bounds(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte at a time is taken while it is bearable, and given up when it is not."""
    read_through(account, {"kind": "slow_body", "seconds": 0.05})
    short = partial(Bounds, seconds=0.05)
    monkeypatch.setattr("ingestion.transport.rest.Bounds", short)
    account.spoil({"kind": "slow_body", "seconds": 0.2, "times": 10})

    fault = account.fault()

    assert isinstance(fault, Transient)
    assert "did not end in" in str(fault) or "got no answer" in str(fault)


def test_a_system_that_stays_broken_is_left_alone(account: Account) -> None:
    """It is not asked for ever; its tables stay, and the next load reads on."""
    account.spoil({"kind": "status", "status": 503, "times": 1000})

    fault = account.fault()

    assert fault.status == 503 or "failed too often" in str(fault)
    assert len(account.reads()) <= 10


def test_a_page_of_html_is_no_answer(account: Account) -> None:
    """A login page with status 200 loads nothing and says what it is."""
    account.alter(page_of_html)

    fault = account.fault()

    assert re.search(r"HTML|not JSON|web page|login", str(fault))


def test_json_that_breaks_off_is_no_answer(account: Account) -> None:
    """Half of a body that claims to be whole loads nothing; the next try is right."""
    account.alter(broken_off, times=1)

    fault = account.fault()

    assert isinstance(fault, Transient)
    assert account.read_again().changed == 0


def test_an_answer_that_unpacks_without_end_is_refused(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes that unpack to more than any page has do not fill the memory."""
    small = partial(Bounds, size=1024 * 1024)
    monkeypatch.setattr("ingestion.transport.rest.Bounds", small)
    account.alter(bomb(8 * 1024 * 1024))

    fault = account.fault()

    assert isinstance(fault, Refused)
    assert "larger than" in str(fault)
