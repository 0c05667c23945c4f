"""Changes: a subscription's update, with what it gives back and charges."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import billing, items
from sandbox.stripe.books import Books
from sandbox.stripe.parameters import (
    Fields,
    checked,
    choice,
    group,
    instant,
    several,
)
from sandbox.stripe.periods import period_at, same_interval
from sandbox.stripe.prorations import written as prorated
from sandbox.stripe.shapes import Params, invalid
from sandbox.stripe.subscription_papers import CANCELLATION, COMMON, ENDED, settings

_FIELDS: Fields = {
    **COMMON,
    "billing_cycle_anchor": choice("now", "unchanged"),
    "cancellation_details": CANCELLATION,
    "items": several(items.CHANGED),
    "pause_collection": group(
        {
            "behavior!": choice("keep_as_draft", "mark_uncollectible", "void"),
            "resumes_at": instant(),
        }
    ),
    "proration_date": instant(),
}
# What a subscription that is over still takes.
_AFTERWARDS = {"cancellation_details", "metadata", "expand"}


def update(books: Books, given: Params, subscription_id: str) -> Document:
    """Change a subscription.

    Raises:
        Refusal: the change's payment failed and the caller wants nothing then.
    """
    params = checked(given, _FIELDS)
    subscription = books.need("subscription", subscription_id)
    if subscription["status"] in ENDED and set(params) - _AFTERWARDS:
        sentence = (
            "A canceled subscription can only update its cancellation_details "
            "and metadata."
        )
        raise invalid(sentence, min(set(params) - _AFTERWARDS))
    return changed(books, subscription, params)


def changed(books: Books, subscription: Document, params: Params) -> Document:
    """Return a subscription after a change whose parameters were read."""
    at = books.time_of(subscription)
    fields = settings(books, subscription, params, at)
    held = subscription.get("collection_method", "charge_automatically")
    if fields["collection_method"] == held:
        del fields["collection_method"]
    if params.get("cancellation_details"):
        fields["cancellation_details"] = {
            **(subscription.get("cancellation_details") or {}),
            **params["cancellation_details"],
        }
    if "pause_collection" in params:
        pause = params["pause_collection"]
        if pause is not None:
            pause = {"resumes_at": None, **pause}
            if pause["resumes_at"] is not None and pause["resumes_at"] <= at:
                sentence = "resumes_at must be in the future."
                raise invalid(sentence, "pause_collection[resumes_at]")
        fields["pause_collection"] = pause
    moved = _rhythm(books, subscription, params, at)
    if moved is None:
        return books.update(subscription, **fields) if fields else subscription
    return _moved(books, subscription, params, fields | moved, at)


def _rhythm(
    books: Books, subscription: Document, params: Params, at: int
) -> Document | None:
    """Return the fields of items and periods that change; none if nothing does."""
    touched = {"items", "billing_cycle_anchor", "trial_end"} & set(params)
    if not touched or (
        touched == {"billing_cycle_anchor"} and params["billing_cycle_anchor"] != "now"
    ):
        return None
    held = subscription["items"]["data"]
    after = items.changed(books, subscription, params.get("items", []), at)
    items.check(after, subscription["currency"])
    fields: Document = {}
    anchor = subscription["billing_cycle_anchor"]
    trial = subscription.get("trial_end")
    in_trial = subscription["status"] == "trialing" and trial
    wanted = params.get("trial_end")
    if wanted is not None and wanted != "now":
        if wanted <= at:
            sentence = (
                "Invalid timestamp: must be an integer Unix timestamp in the future."
            )
            raise invalid(sentence, "trial_end")
        fields |= {
            "trial_end": wanted,
            "trial_start": subscription.get("trial_start") or at,
            "status": "trialing",
        }
        anchor, period = wanted, (at, wanted)
        after = [_with_period(item, period) for item in after]
    elif wanted == "now" and in_trial:
        fields |= {"trial_end": at, "status": "active"}
        anchor = at
        after = [_with_period(item, period_at(at, item["price"], at)) for item in after]
    elif in_trial:
        until = int(trial or 0)
        after = [
            _with_period(item, (item["current_period_start"], until)) for item in after
        ]
    elif _starts_anew(held, after, params):
        anchor = at
        after = [_with_period(item, period_at(at, item["price"], at)) for item in after]
    fields["billing_cycle_anchor"] = anchor
    fields["items"] = items.holder(after, subscription["id"])
    if subscription.get("cancel_at_period_end") and "cancel_at" not in params:
        fields["cancel_at"] = max(item["current_period_end"] for item in after)
    return fields


def _with_period(item: Document, period: tuple[int, int]) -> Document:
    return {
        **item,
        "current_period_start": period[0],
        "current_period_end": period[1],
    }


def _starts_anew(held: list[Document], after: list[Document], params: Params) -> bool:
    """Say whether a change moves the anchor: on demand, or by another interval."""
    if params.get("billing_cycle_anchor") == "now":
        return True
    prices = {item["id"]: item["price"] for item in held}
    return any(
        item["id"] in prices and not same_interval(prices[item["id"]], item["price"])
        for item in after
    )


def _moved(
    books: Books, subscription: Document, params: Params, fields: Document, at: int
) -> Document:
    """Return the subscription in its new rhythm, with prorations and an invoice."""
    before = subscription["items"]["data"]
    after = fields["items"]["data"]
    behavior = params.get("proration_behavior") or "create_prorations"
    day = params.get("proration_date") or at
    starts = min(item["current_period_start"] for item in before)
    ends = max(item["current_period_end"] for item in before)
    if not starts <= day <= ends:
        sentence = (
            "Cannot specify a proration_date outside of the subscription's current "
            "billing period."
        )
        raise invalid(sentence, "proration_date")
    was_trial = subscription["status"] == "trialing"
    anew = fields["billing_cycle_anchor"] != subscription["billing_cycle_anchor"]
    free = fields.get("status") == "trialing"
    if behavior != "none" and not was_trial and not free:
        prorated(books, subscription, before, [] if anew else after, day)
    subscription = books.update(subscription, **fields)
    starting = anew and not free
    if not starting and (behavior != "always_invoice" or was_trial or free):
        return subscription
    return _invoiced(books, subscription, params, after if starting else [], at)


def _invoiced(
    books: Books,
    subscription: Document,
    params: Params,
    starting: list[Document],
    at: int,
) -> Document:
    customer = books.need("customer", subscription["customer"])
    paper = billing.paper(books, subscription, customer, at, "subscription_update")
    lines = billing.period_lines(books, subscription, paper["id"], starting, at)
    after, _, refused = billing.issued(books, subscription, paper, lines, at_once=True)
    behavior: Any = params.get("payment_behavior")
    if refused is not None and behavior == "error_if_incomplete":
        raise refused.entirely()
    return after
