"""Budgets: limits are approached and not overshot, and shared by all who count."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import netsuite, salesforce, stripe, tryton, zendesk
from ingestion.errors import Transient
from ingestion.transport.budget import Budget, Limits, shared
from ingestion.transport.windows import Window
from tests.ingestion.timers import Virtual

FREE = Limits((), 10, "a test", reserve=0.0)


def limits(*windows: Window, concurrency: int = 10) -> Limits:
    """Return limits with these windows and nothing kept of the concurrency."""
    return Limits(windows, concurrency, "a test", reserve=0.0)


def call(
    budget: Budget,
    endpoint: str = "GET /things",
    *,
    wrote: bool = False,
    status: int | None = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Make a call that takes no time."""
    path = endpoint.partition(" ")[2]
    turn = budget.admit(endpoint, path, wrote=wrote)
    budget.done(turn, status, headers or {})


@given(
    calls=st.integers(1, 7),
    seconds=st.sampled_from([1.0, 10.0, 60.0]),
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_no_span_of_a_window_ever_holds_more_calls_than_it_takes(
    calls: int, seconds: float, gaps: list[float]
) -> None:
    """Wherever the vendor's own second begins, it sees no call too many."""
    timer = Virtual()
    window = Window("second", calls, seconds, "a test")
    budget = Budget("vendor", limits(window), timer)
    sent = []

    for gap in gaps:
        timer.passes(gap)
        turn = budget.admit("GET /things", "/things", wrote=False)
        sent.append(timer.now())
        budget.done(turn, 200, {})

    for first, beyond in zip(sent, sent[calls:], strict=False):
        assert beyond - first >= seconds - 1e-9


def test_a_limit_is_approached() -> None:
    """A thousand calls at 25 a second take 39 to 40 seconds, the floor, and no more."""
    timer = Virtual()
    window = Window("second", 25, 1.0, "a test")
    budget = Budget("vendor", limits(window), timer)

    for _ in range(1000):
        turn = budget.admit("GET /things", "/things", wrote=False)
        timer.passes(0.005)
        budget.done(turn, 200, {})

    assert timer.now() <= 1000 / 25 * 1.05


def test_several_windows_hold_at_once() -> None:
    """The narrowest one decides; an endpoint's does not hold the others back."""
    timer = Virtual()
    account = Window("second", 6, 1.0, "a test")
    each = Window("endpoint", 4, 1.0, "a test", for_each=True)
    budget = Budget("vendor", limits(account, each), timer)

    for endpoint in ["GET /a"] * 4 + ["GET /b"] * 2:
        call(budget, endpoint)
    at_once = timer.now()
    call(budget, "GET /b")

    assert (at_once, timer.now()) == (0.0, 1.0)


def test_a_window_counts_only_its_own_paths() -> None:
    """Zendesk's exports have a budget of their own beside the account's."""
    timer = Virtual()
    exports = Window("exports", 1, 60.0, "a test", paths="/incremental/")
    budget = Budget("vendor", limits(exports), timer)

    for _ in range(5):
        call(budget, "GET /tickets")
    call(budget, "GET /incremental/users")
    before = timer.now()
    call(budget, "GET /incremental/users")

    assert (before, timer.now()) == (0.0, 60.0)


def zendesk_told(remaining: int, resets: int) -> Mapping[str, str]:
    """Return what Zendesk says of its exports."""
    said = f"total=10; remaining={remaining}; resets={resets}"
    return {"zendesk-ratelimit-incremental-exports": said}


def test_the_vendors_count_goes_before_ours() -> None:
    """Whoever else used the window, a header says what is left, and until when."""
    timer = Virtual()
    budget = Budget("zendesk", zendesk.LIMITS, timer)
    endpoint = "GET /api/v2/incremental/users/cursor"

    call(budget, endpoint, headers=zendesk_told(1, 12))
    call(budget, endpoint, headers=zendesk_told(0, 12))
    call(budget, endpoint, headers=zendesk_told(9, 60))

    assert timer.pauses == [12.0]


def test_an_older_answer_that_arrives_late_gives_no_calls_back() -> None:
    """Answers overtake each other; the smaller remainder is the later one."""
    timer = Virtual()
    budget = Budget("zendesk", zendesk.LIMITS, timer)
    path = "/api/v2/incremental/users/cursor"
    first = budget.admit("GET x", path, wrote=False)
    second = budget.admit("GET x", path, wrote=False)

    budget.done(second, 200, zendesk_told(0, 30))
    budget.done(first, 200, zendesk_told(1, 30))
    budget.admit("GET x", path, wrote=False)

    assert timer.now() == 30.0


def test_a_header_may_tell_of_a_larger_allowance() -> None:
    """The plan's figure comes with the first answer: nobody waits for the smallest."""
    timer = Virtual()
    budget = Budget("zendesk", zendesk.LIMITS, timer)
    told = {
        "x-rate-limit": "700",
        "x-rate-limit-remaining": "690",
        "ratelimit-reset": "60",
    }

    call(budget, headers=told)
    for left in range(600):
        call(budget, headers={**told, "x-rate-limit-remaining": str(689 - left)})

    assert timer.pauses == []


def test_reads_leave_a_tenth_of_the_day_to_others() -> None:
    """A full read never spends what a person's correction needs."""
    timer = Virtual()
    budget = Budget("salesforce", salesforce.LIMITS, timer)
    call(budget, headers={"sforce-limit-info": "api-usage=4500/5000"})

    with pytest.raises(
        Transient, match=r"calls of the day are spent, save those"
    ) as no:
        call(budget)
    call(budget, wrote=True)

    assert no.value.retry_after is not None
    assert timer.pauses == []


def test_a_day_that_is_spent_is_asked_again_after_a_while() -> None:
    """Salesforce's window slides and no answer says when: one call finds out."""
    timer = Virtual()
    budget = Budget("salesforce", salesforce.LIMITS, timer)
    call(budget, headers={"sforce-limit-info": "api-usage=5000/5000"})
    with pytest.raises(Transient):
        call(budget)

    timer.passes(301)
    call(budget, headers={"sforce-limit-info": "api-usage=10/5000"})
    call(budget)

    assert timer.pauses == []


def test_hubspots_headers_are_understood() -> None:
    """Its burst and its day are two windows in one answer."""
    timer = Virtual()
    interval = Window("interval", 190, 10.0, "a test")
    day = Window("day", 650_000, 86_400.0, "a test", reserve=0.1)
    budget = Budget("hubspot", limits(interval, day), timer)
    told = {
        "x-hubspot-ratelimit-max": "190",
        "x-hubspot-ratelimit-remaining": "0",
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
        "x-hubspot-ratelimit-daily": "650000",
        "x-hubspot-ratelimit-daily-remaining": "600000",
    }

    call(budget, headers=told)
    call(budget, headers={"x-hubspot-ratelimit-daily-remaining": "65000"})
    with pytest.raises(Transient, match="day"):
        call(budget)

    assert timer.pauses == [10.0]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"sforce-limit-info": "api-usage=many/few"},
        {"x-rate-limit-remaining": "-3"},
        {"x-rate-limit-remaining": "٣"},
        {"zendesk-ratelimit-minute": "total=; remaining=; resets="},
        {"x-hubspot-ratelimit-remaining": "NaN"},
    ],
)
def test_a_header_that_makes_no_sense_tells_nothing(
    nonsense: Mapping[str, str],
) -> None:
    """The documented figure goes on to count."""
    timer = Virtual()
    windows = [
        Window(name, 5, 60.0, "a test") for name in ("minute", "day", "interval")
    ]
    budget = Budget("vendor", limits(*windows), timer)

    for _ in range(5):
        call(budget, headers=nonsense)

    assert timer.pauses == []


def test_a_pause_holds_for_everybody() -> None:
    """Who was not turned away itself waits too: the vendor asked all of us."""
    timer = Virtual()
    budget = Budget("vendor", FREE, timer)

    budget.pause_for(7)
    budget.pause_for(3)
    call(budget, "GET /others", wrote=True)

    assert timer.pauses == [7.0]


def test_a_pause_too_long_is_not_waited_for_and_ends_within_the_hour() -> None:
    """A vendor that asks for a week does not silence a process for a week."""
    timer = Virtual()
    budget = Budget("vendor", FREE, timer)
    budget.pause_for(7 * 86_400)

    with pytest.raises(Transient, match="asked for a pause"):
        call(budget)
    timer.passes(3600)
    call(budget)

    assert timer.pauses == []


def test_fewer_go_at_once_when_the_system_is_busy_and_more_when_it_is_well() -> None:
    """The number halves at a 429 and comes back one by one, never beyond the limit."""
    budget = Budget("vendor", limits(concurrency=8), timer := Virtual())
    seen = [budget.at_once]

    for status in (429, 503, 200, 200, 200):
        timer.passes(1)
        call(budget, status=status)
        seen.append(budget.at_once)
    for _ in range(200):
        call(budget)

    assert seen == [8, 4, 2, 2, 2, 3]
    assert budget.at_once == 8


def test_calls_turned_away_together_cut_once() -> None:
    """Eight refusals of one moment are one message."""
    timer = Virtual()
    budget = Budget("vendor", limits(concurrency=8), timer)
    turns = [budget.admit("GET /a", "/a", wrote=False) for _ in range(8)]
    timer.passes(0.1)

    for turn in turns:
        budget.done(turn, 429, {})

    assert budget.at_once == 4


def test_answers_that_become_slow_cut_too() -> None:
    """A system under load answers late before it refuses."""
    timer = Virtual()
    budget = Budget("vendor", limits(concurrency=10), timer)
    for took in (0.1, 0.1, 0.1, 5.0):
        turn = budget.admit("GET /a", "/a", wrote=False)
        timer.passes(took)
        budget.done(turn, 200, {})

    assert budget.at_once == 9


def test_no_more_calls_are_under_way_than_the_account_allows() -> None:
    """Twenty threads share NetSuite's few places, and all of them are used."""
    budget = Budget("netsuite", limits(concurrency=4))
    together, most = 0, 0
    lock = threading.Lock()
    full = threading.Event()

    def work() -> None:
        nonlocal together, most
        turn = budget.admit("GET /a", "/a", wrote=False)
        with lock:
            together += 1
            most = max(most, together)
            if together == 4:
                full.set()
        full.wait(5)
        with lock:
            together -= 1
        budget.done(turn, 200, {})

    threads = [threading.Thread(target=work) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert most == 4


def test_an_object_that_keeps_failing_rests_and_the_others_do_not() -> None:
    """After ten failures in a row nobody asks for half a minute, then one does."""
    timer = Virtual()
    budget = Budget("vendor", FREE, timer)
    for _ in range(10):
        call(budget, "GET /sick", status=None)

    with pytest.raises(Transient, match=r"GET /sick failed too often"):
        call(budget, "GET /sick")
    call(budget, "GET /well")
    call(budget, "GET /sick", wrote=True, status=500)
    timer.passes(30)
    turn = budget.admit("GET /sick", "/sick", wrote=False)
    with pytest.raises(Transient):
        call(budget, "GET /sick")
    budget.done(turn, 200, {})
    call(budget, "GET /sick")

    assert timer.pauses == []


def test_repetitions_are_a_tenth_of_the_calls() -> None:
    """Ten may be repeated at the start; then ten good calls pay for each."""
    budget = Budget("vendor", FREE, Virtual())
    at_first = sum(budget.may_repeat() for _ in range(50))

    for _ in range(200):
        call(budget)
    later = sum(budget.may_repeat() for _ in range(50))

    assert at_first == 10
    assert 19 <= later <= 20


def test_clients_of_one_credential_share_a_budget() -> None:
    """The vendor counts them together, so we do; another credential is another's."""
    first = shared("vendor", FREE, "https://vendor.test", "", "a key")

    assert shared("vendor", FREE, "https://vendor.test", "", "a key") is first
    assert shared("vendor", FREE, "https://vendor.test", "", "b key") is not first
    assert shared("other", FREE, "https://vendor.test", "", "a key") is not first


@pytest.mark.parametrize("module", [salesforce, stripe, zendesk, netsuite, tryton])
def test_every_system_names_the_source_of_its_limits(module: Any) -> None:
    """A figure without a source is a guess."""
    assert module.LIMITS.source
    assert module.LIMITS.concurrency >= 1
    assert all(window.source for window in module.LIMITS.windows)
