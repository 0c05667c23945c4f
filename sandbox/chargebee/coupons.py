"""Chargebee's coupons, and what they take off the lines of an invoice."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from sandbox.chargebee.catalogue import MOST_NAME, SITE_CURRENCY
from sandbox.chargebee.customers import currency
from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.pricing import UNITS, half_up, shares
from sandbox.chargebee.shapes import duplicate, impossible, wrong
from sandbox.journal import Document

DURATIONS = ("one_time", "forever", "limited_period")
APPLY_ON = ("invoice_amount", "each_specified_item")
TYPES = ("percentage", "fixed_amount")
_OWN = (
    "name",
    "invoice_name",
    "discount_type",
    "discount_percentage",
    "discount_amount",
    "currency_code",
    "apply_on",
    "duration_type",
    "period",
    "period_unit",
    "valid_till",
    "max_redemptions",
    "invoice_notes",
    "meta_data",
)


def _percent(form: Form) -> Decimal | None:
    value = form.text("discount_percentage", 10)
    if value is None:
        return None
    try:
        percent = Decimal(value)
    except InvalidOperation as error:
        raise wrong("discount_percentage", "should be a number") from error
    if not (percent.is_finite() and Decimal("0.01") <= percent <= 100):
        raise wrong("discount_percentage", "should be from 0.01 to 100")
    return percent


def _fields(form: Form, coupon: Document) -> Document:
    def text(longest: int) -> Callable[[str], str | None]:
        return lambda name: form.text(name, longest)

    def choice(*options: str) -> Callable[[str], str | None]:
        return lambda name: form.choice(name, options, coupon.get(name))

    def whole(name: str) -> int | None:
        return form.whole(name, 1)

    after = coupon | form.given(
        {
            "invoice_name": text(100),
            "invoice_notes": text(2000),
            "discount_type": choice(*TYPES),
            "apply_on": choice(*APPLY_ON),
            "duration_type": choice(*DURATIONS),
            "period_unit": choice(*UNITS),
            "discount_amount": whole,
            "period": whole,
            "max_redemptions": whole,
            "valid_till": form.instant,
            "discount_percentage": lambda _name: _percent(form),
            "currency_code": lambda name: currency(form, name),
            "meta_data": form.json,
        }
    )
    for field, value, wanted in (
        ("discount_type", "percentage", "discount_percentage"),
        ("discount_type", "fixed_amount", "discount_amount"),
        ("duration_type", "limited_period", "period"),
    ):
        if after[field] == value and not after.get(wanted):
            raise wrong(wanted, "cannot be blank")
    return after


def create(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Create a coupon."""
    form.only("id", *_OWN)
    identity = desk.claim("coupon", form.identity() or form.required("id"))
    name = form.required("name", MOST_NAME)
    if desk.of("coupon", "name", name):
        raise duplicate("name", name)
    coupon = {
        "id": identity,
        "name": name,
        "discount_type": "percentage",
        "duration_type": "forever",
        "apply_on": "invoice_amount",
        "status": "active",
        "created_at": desk.now,
        "redemptions": 0,
        "deleted": False,
        "object": "coupon",
    }
    return {"coupon": desk.save("coupon", _fields(form, coupon))}


def update(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change a coupon; how much it takes stays fixed once it was redeemed."""
    form.only(*_OWN)
    coupon = desk.get("coupon", ids["id"])
    amounts = {"discount_type", "discount_percentage", "discount_amount"}
    if coupon["redemptions"] and amounts & set(form.pairs):
        raise impossible(f"coupon {coupon['id']} was redeemed already")
    if form.has("name"):
        coupon["name"] = form.required("name", MOST_NAME)
    return {"coupon": desk.save("coupon", _fields(form, coupon))}


def redeem(desk: Desk, coupon_id: str, param: str, start: int) -> Document:
    """Count a redemption; return how the subscription remembers the coupon."""
    coupon = desk.get("coupon", coupon_id, param)
    spent = coupon.get("max_redemptions", coupon["redemptions"] + 1)
    late = coupon.get("valid_till", start + 1) <= start
    if coupon["status"] != "active" or coupon["redemptions"] >= spent or late:
        raise wrong(param, f"coupon {coupon_id} cannot be redeemed any more")
    desk.save("coupon", coupon | {"redemptions": coupon["redemptions"] + 1})
    return {"coupon_id": coupon_id, "applied_count": 0, "object": "coupon"}


def taken(coupon: Document, lines: Sequence[Document], currency_code: str) -> list[int]:
    """Return what a coupon takes off each line, in minor units."""
    left = [line["amount"] - line["discount_amount"] for line in lines]
    total = sum(left)
    if coupon["discount_type"] == "percentage":
        percent = Decimal(coupon["discount_percentage"])
        if coupon["apply_on"] == "each_specified_item":
            return [half_up(percent * each, 100) for each in left]
        return shares(half_up(percent * total, 100), left)
    if coupon.get("currency_code", SITE_CURRENCY) != currency_code:
        return [0] * len(left)
    return shares(min(int(coupon["discount_amount"]), total), left)
