"""Phase papers: the phases of a schedule, as asked for and as kept."""

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.coupons import DISCOUNTS
from sandbox.stripe.parameters import (
    choice,
    currency,
    either,
    flag,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
    whole,
)
from sandbox.stripe.periods import later
from sandbox.stripe.shapes import Params, invalid
from sandbox.stripe.subscription_papers import PRORATIONS

MAX_PHASES = 10  # docs.stripe.com/billing/subscriptions/subscription-schedules

METHOD = choice("charge_automatically", "send_invoice")
_ITEM = group(
    {"price!": text(), "quantity": whole(0, 999_999_999), "metadata": metadata}
)
INVOICE_SETTINGS = group({"days_until_due": whole(0, 3650)})
PHASE = group(
    {
        "billing_cycle_anchor": choice("automatic", "phase_start"),
        "collection_method": METHOD,
        "currency": currency,
        "default_payment_method": text(),
        "description": text(longest=500),
        "discounts": DISCOUNTS,
        "duration": group(
            {
                "interval!": choice("day", "month", "week", "year"),
                "interval_count": whole(1, 1095),
            }
        ),
        "end_date": either(("now",), instant()),
        "invoice_settings": INVOICE_SETTINGS,
        "items!": several(_ITEM),
        "iterations": whole(1, 1095),
        "metadata": metadata,
        "proration_behavior": PRORATIONS,
        "start_date": either(("now",), instant()),
        "trial": flag,
        "trial_end": either(("now",), instant()),
    }
)


def blank(money: str, start: int, end: int) -> Document:
    """Return a phase without anything in it."""
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": money,
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": [],
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }


def drawn(
    books: Books, wanted: list[Params | None], start: int, at: int
) -> list[Document]:
    """Return the phases one after the other, each with its beginning and end."""
    if len(wanted) > MAX_PHASES:
        sentence = f"A schedule can have up to {MAX_PHASES} current and future phases."
        raise invalid(sentence, "phases")
    phases: list[Document] = []
    for place, each in enumerate(wanted):
        param = f"phases[{place}]"
        if each is None:
            raise invalid("Invalid object", param)
        begins = start if not phases else phases[-1]["end_date"]
        said = each.get("start_date")
        said = at if said == "now" else said
        if said is not None and said != begins:
            if phases:
                sentence = "Each phase starts where the one before it ends."
                raise invalid(sentence, f"{param}[start_date]")
            begins = said
        phases.append(_phase(books, each, begins, at, param))
    return phases


def _phase(books: Books, wanted: Params, start: int, at: int, param: str) -> Document:
    lines, money = [], wanted.get("currency")
    for place, item in enumerate(wanted["items"]):
        inside = f"{param}[items][{place}]"
        if item is None:
            raise invalid("Invalid object", inside)
        price = books.need("price", item["price"], f"{inside}[price]")
        if price["type"] != "recurring":
            sentence = "Only recurring prices can be in a phase."
            raise invalid(sentence, f"{inside}[price]")
        money = money or price["currency"]
        lines.append((item, price))
    if not lines:
        full = f"{param}[items]"
        raise invalid(f"Missing required param: {full}.", full, "parameter_missing")
    end = _end(wanted, lines[0][1], start, at, param)
    phase = blank(str(money), start, end)
    for name in (
        *("billing_cycle_anchor", "collection_method", "default_payment_method"),
        "description",
    ):
        phase[name] = wanted.get(name)
    phase["proration_behavior"] = (
        wanted.get("proration_behavior") or "create_prorations"
    )
    phase["metadata"] = merged(None, wanted.get("metadata", {}))
    if wanted.get("invoice_settings"):
        settings = {"account_tax_ids": None, "days_until_due": None, "issuer": None}
        phase["invoice_settings"] = {**settings, **wanted["invoice_settings"]}
    for place, each in enumerate(wanted.get("discounts", [])):
        if not each or not each.get("coupon"):
            raise invalid("Give a coupon.", f"{param}[discounts][{place}]")
        books.need("coupon", each["coupon"], f"{param}[discounts][{place}][coupon]")
        discount = {"coupon": each["coupon"], "discount": None, "promotion_code": None}
        phase["discounts"].append(discount)
    trial_end = end if wanted.get("trial") else wanted.get("trial_end")
    phase["trial_end"] = trial_end if isinstance(trial_end, int) else None
    phase["items"] = [_phase_item(item, price) for item, price in lines]
    return phase


def _phase_item(item: Params, price: Document) -> Document:
    line: Document = {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": merged(None, item.get("metadata", {})),
        "price": price["id"],
        "tax_rates": [],
    }
    if price["recurring"]["usage_type"] == "licensed":
        line["quantity"] = 1 if item.get("quantity") is None else item["quantity"]
    return line


def _end(wanted: Params, price: Document, start: int, at: int, param: str) -> int:
    end, duration = wanted.get("end_date"), wanted.get("duration")
    if end is not None:
        end = at if end == "now" else int(end)
        if end <= start:
            sentence = "A phase must end after it starts."
            raise invalid(sentence, f"{param}[end_date]")
        return end
    if duration:
        return later(start, duration["interval"], duration.get("interval_count") or 1)
    recurring = price["recurring"]
    count = recurring.get("interval_count", 1) * (wanted.get("iterations") or 1)
    return later(start, recurring["interval"], count)
