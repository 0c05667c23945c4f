"""Planned statuses: a fault that answers with a status speaks as the vendor does.

The bodies are those that the vendors' pages show and that users of their clients quote.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.doors import Doors

CHARGEBEE_BUSY = (
    "Sorry, access has been blocked temporarily due to request count exceeding"
    " acceptable limits."
)
ZENDESK_FORBIDDEN = {
    "error": {
        "title": "Forbidden",
        "message": "You do not have access to this page. Please contact the account"
        " owner of this help desk for further help.",
    }
}


@pytest.fixture
def fail(open_doors: Callable[..., Doors]) -> Callable[..., httpx.Response]:
    """Plan a status at a vendor, ask for a page, return what came."""
    doors = open_doors()
    signed_in = {
        "stripe": ("/v1/customers", (doors.keys.stripe_api_key, "")),
        "chargebee": ("/api/v2/customers", (doors.keys.chargebee_api_key, "")),
        "zendesk": (
            "/api/v2/organizations",
            (f"{doors.keys.zendesk_email}/token", doors.keys.zendesk_api_token),
        ),
    }

    def fail(vendor: str, status: int, **fault: Any) -> httpx.Response:
        fault |= {"system": vendor, "kind": "status", "status": status}
        doors.control("faults", [fault])
        path, user = signed_in[vendor]
        with doors.client(vendor, "host") as client:
            return client.get(path, auth=user)

    return fail


def test_stripe_says_which_limit_was_met(fail: Callable[..., httpx.Response]) -> None:
    """A 429 of Stripe's has its code and the header with the reason."""
    answer = fail("stripe", 429)

    assert answer.json() == {
        "error": {
            "message": "Request rate limit exceeded. Learn more about rate limits here:"
            " https://docs.stripe.com/rate-limits",
            "type": "invalid_request_error",
            "code": "rate_limit",
            "doc_url": "https://docs.stripe.com/error-codes/rate-limit",
        }
    }
    assert answer.headers["stripe-rate-limited-reason"] == "global-rate"
    assert answer.headers["stripe-should-retry"] == "false"
    assert answer.headers["request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("status", "kind", "code", "words"),
    [
        (401, "invalid_request_error", None, "Invalid API Key provided: sk_test_****"),
        (402, "card_error", "card_declined", "Your card was declined."),
        (403, "invalid_request_error", "account_invalid", "does not have access to"),
        (409, "invalid_request_error", "lock_timeout", "is currently accessing it"),
        (500, "api_error", None, "an error while talking to one of our backends"),
        (503, "api_error", None, "an error while talking to one of our backends"),
    ],
)
def test_stripe_s_other_statuses_have_their_own_words(
    fail: Callable[..., httpx.Response],
    status: int,
    kind: str,
    code: str | None,
    words: str,
) -> None:
    """Each status has the type, the code and the sentence that Stripe gives with it."""
    error = fail("stripe", status).json()["error"]

    assert (error["type"], error.get("code")) == (kind, code)
    assert words in error["message"]


def test_zendesk_s_budget_is_used_up_where_it_says_so(
    fail: Callable[..., httpx.Response],
) -> None:
    """A 429 of Zendesk's says how long to wait, and that nothing is left."""
    answer = fail("zendesk", 429)

    assert answer.json() == {
        "error": "APIRateLimitExceeded",
        "description": "Number of allowed API requests per minute exceeded",
    }
    told = ("retry-after", "x-rate-limit", "x-rate-limit-remaining", "ratelimit-reset")
    # The clock stands at the beginning of a minute.
    assert [answer.headers[name] for name in told] == ["60", "700", "0", "60"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "Couldn't authenticate you"}),
        (403, ZENDESK_FORBIDDEN),
        (409, {"error": "DatabaseConflict", "description": "Database collision"}),
    ],
)
def test_zendesk_s_other_statuses_have_their_own_bodies(
    fail: Callable[..., httpx.Response], status: int, body: Any
) -> None:
    """Each has the shape of its own that Zendesk gives it; a call is still counted."""
    answer = fail("zendesk", status)

    assert (answer.status_code, answer.json()) == (status, body)
    assert answer.headers["x-rate-limit-remaining"] == "699"


def test_chargebee_says_how_long_to_wait(fail: Callable[..., httpx.Response]) -> None:
    """A 429 of Chargebee's has its code and the seconds until the minute is over."""
    answer = fail("chargebee", 429)

    body = answer.json()
    assert (body["type"], body["api_error_code"]) == (
        "operation_failed",
        "api_request_limit_exceeded",
    )
    assert body["message"] == CHARGEBEE_BUSY
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_chargebee_s_gateway_speaks_no_json(
    fail: Callable[..., httpx.Response], status: int
) -> None:
    """Its clients look for the status in a page, since the gateway answers for it."""
    answer = fail("chargebee", status)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert f"<h1>{status} " in answer.text


def test_a_planned_body_and_header_win(fail: Callable[..., httpx.Response]) -> None:
    """What the plan says is sent instead of what the vendor would say."""
    answer = fail("zendesk", 429, body={"a": 1}, headers={"Retry-After": "7"})

    assert (answer.json(), answer.headers["retry-after"]) == ({"a": 1}, "7")
