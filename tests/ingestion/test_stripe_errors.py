"""Every error that Stripe documents asks for one of the five reactions."""

import json

import httpx
import pytest

from ingestion import stripe
from ingestion.errors import Refused, Rejected, SystemFault, Transient, Unknown

Kind = type[SystemFault]

# Types, codes and statuses of docs.stripe.com/api/errors, /error-handling and
# /rate-limits, with what a read and a write do next.
DOCUMENTED: list[tuple[int, str, str | None, Kind, Kind]] = [
    (400, "invalid_request_error", None, Rejected, Rejected),
    (400, "invalid_request_error", "parameter_unknown", Refused, Refused),
    (400, "invalid_request_error", "resource_missing", Rejected, Rejected),
    (404, "invalid_request_error", "resource_missing", Rejected, Rejected),
    (401, "invalid_request_error", None, Refused, Refused),
    (401, "invalid_request_error", "api_key_expired", Refused, Refused),
    (403, "invalid_request_error", None, Refused, Refused),
    (402, "card_error", "card_declined", Rejected, Rejected),
    (402, "card_error", None, Rejected, Rejected),
    (400, "idempotency_error", None, Unknown, Unknown),
    (409, "idempotency_error", "idempotency_key_in_use", Transient, Transient),
    (409, "invalid_request_error", None, Transient, Transient),
    (409, "invalid_request_error", "lock_timeout", Transient, Transient),
    (429, "invalid_request_error", "lock_timeout", Transient, Transient),
    (429, "invalid_request_error", "rate_limit", Transient, Transient),
    (429, "invalid_request_error", None, Transient, Transient),
    (500, "api_error", None, Transient, Unknown),
    (502, "api_error", None, Transient, Unknown),
    (503, "api_error", None, Transient, Transient),
    (504, "api_error", None, Transient, Unknown),
]


@pytest.mark.parametrize(("status", "kind", "code", "read", "write"), DOCUMENTED)
def test_every_documented_error_asks_for_a_reaction(
    status: int, kind: str, code: str | None, read: Kind, write: Kind
) -> None:
    """A 500 to a write may have been done; it is read before anything else."""
    error = {"type": kind, "message": "No.", "param": "name"}
    answer = httpx.Response(
        status, json={"error": error | ({"code": code} if code else {})}
    )

    faults = [stripe.classify(answer, wrote=wrote) for wrote in (False, True)]

    assert [type(fault) for fault in faults] == [read, write]
    assert {(fault.status, fault.code, fault.field) for fault in faults} == {
        (status, code or kind, "name")
    }


def test_every_code_that_is_mapped_is_documented() -> None:
    """The module's table has no code that is not shown above."""
    shown = {code for _, _, code, _, _ in DOCUMENTED}
    shown |= {kind for _, kind, _, _, _ in DOCUMENTED}

    assert set(stripe.ERRORS) <= shown


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_let_in_is_named(status: int) -> None:
    """The sentence says which setting to look at."""
    answer = httpx.Response(status, json={"error": {"message": "Invalid API Key."}})

    fault = stripe.classify(answer, wrote=False)

    assert "check STRIPE_API_KEY" in str(fault)


def test_a_pause_that_stripe_asks_for_is_kept() -> None:
    """How long to wait is Stripe's word."""
    body = json.dumps({"error": {"code": "rate_limit", "message": "Slow down."}})
    answer = httpx.Response(429, text=body, headers={"Retry-After": "7"})

    assert stripe.classify(answer, wrote=False).retry_after == 7
