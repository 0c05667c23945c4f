"""Promotion codes, tax rates and cards from tokens, with Stripe's own client."""

from decimal import Decimal
from typing import Any

import pytest
import stripe

pytestmark = pytest.mark.judge("stripe 16.1.0")


def promotion(account: Any, **settings: Any) -> Any:
    """Add a promotion code for a coupon of ten percent."""
    coupon = account.v1.coupons.create({"percent_off": 10, "duration": "forever"})
    wanted = {"type": "coupon", "coupon": coupon.id}
    return account.v1.promotion_codes.create({"promotion": wanted, **settings})


def test_a_promotion_code_is_made_found_and_switched_off(account: Any) -> None:
    """create, retrieve with its coupon, list by its code in any case, update."""
    made = promotion(account, code="Spring-26", metadata={"who": "field"})

    expand = {"expand": ["promotion.coupon"]}
    read = account.v1.promotion_codes.retrieve(made.id, expand)
    listed = account.v1.promotion_codes.list({"code": "sPRING-26", "active": True})
    off = account.v1.promotion_codes.update(made.id, {"active": False})
    gone = account.v1.promotion_codes.list({"code": "Spring-26", "active": True})

    assert (made.code, made.active, made.times_redeemed) == ("Spring-26", True, 0)
    assert read.promotion.coupon.percent_off == 10
    assert [each.id for each in listed.data] == [made.id]
    assert (off.active, off.metadata.who, gone.data) == (False, "field", [])


def test_a_code_that_is_not_given_is_made(account: Any) -> None:
    """Without a code Stripe makes one; two of them differ."""
    codes = {promotion(account).code for _ in range(2)}

    assert len(codes) == 2
    assert all(len(code) == 8 and code == code.upper() for code in codes)


def test_an_active_code_is_taken(account: Any) -> None:
    """A second active code of the same letters is refused; one switched off is free."""
    first = promotion(account, code="ONCE")

    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        promotion(account, code="once")
    account.v1.promotion_codes.update(first.id, {"active": False})

    assert promotion(account, code="once").active


def test_a_subscription_redeems_a_promotion_code(account: Any) -> None:
    """discounts[0][promotion_code]: less is billed, and the redemption is counted."""
    customer, price = account.customer(), account.price(1000)
    code = promotion(account, max_redemptions=1)
    wanted = {
        "customer": customer.id,
        "items": [{"price": price.id}],
        "discounts": [{"promotion_code": code.id}],
        "expand": ["latest_invoice", "discounts.promotion_code"],
    }

    made = account.v1.subscriptions.create(wanted)
    with pytest.raises(stripe.InvalidRequestError, match="no longer active"):
        account.v1.subscriptions.create(wanted)

    after = account.v1.promotion_codes.retrieve(code.id)
    assert made.latest_invoice.total == 900
    assert made.discounts[0].promotion_code.code == code.code
    assert (after.times_redeemed, after.active) == (1, False)


def test_a_discount_that_comes_and_goes_is_told(account: Any) -> None:
    """customer.discount.created and .deleted are about the discount itself."""
    customer, price = account.customer(), account.price(1000)
    coupon = account.v1.coupons.create({"percent_off": 50, "duration": "forever"})
    subscription = account.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}]}
    )
    for wanted in ([{"coupon": coupon.id}], ""):
        account.v1.subscriptions.update(subscription.id, {"discounts": wanted})

    types = ["customer.discount.created", "customer.discount.deleted"]
    told = account.v1.events.list({"types": types}).data[::-1]

    about = [each.data.object for each in told]
    assert [each.type for each in told] == types
    assert [each.object for each in about] == ["discount", "discount"]
    assert {each.subscription for each in about} == {subscription.id}
    assert len({each.id for each in about}) == 1


def test_a_code_of_one_customer_is_for_nobody_else(account: Any) -> None:
    """customer= and first_time_transaction narrow who may redeem."""
    owner, other, price = account.customer(), account.customer(), account.price()
    own = promotion(account, customer=owner.id)
    first = promotion(account, restrictions={"first_time_transaction": True})

    def subscribe(customer: Any, code: Any) -> Any:
        discounts = [{"promotion_code": code.id}]
        items = [{"price": price.id}]
        return account.v1.subscriptions.create(
            {"customer": customer.id, "items": items, "discounts": discounts}
        )

    with pytest.raises(stripe.InvalidRequestError, match="another customer"):
        subscribe(other, own)
    subscribe(owner, own)
    with pytest.raises(stripe.InvalidRequestError, match="prior transactions"):
        subscribe(owner, first)
    assert subscribe(other, first).status == "active"


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"code": "with space"}, "code"),
        ({"expires_at": 1}, "expires_at"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"restrictions": {"minimum_amount": 5}}, "restrictions[minimum_amount]"),
        ({"nonsense": "1"}, "nonsense"),
    ],
)
def test_a_wrong_promotion_code_is_refused(
    account: Any, settings: dict[str, Any], param: str
) -> None:
    """InvalidRequestError names the parameter."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        promotion(account, **settings)

    assert refused.value.param == param


def test_promotion_codes_and_tax_rates_have_events(account: Any) -> None:
    """Making and changing them is told as `created` and `updated`."""
    code = promotion(account)
    account.v1.promotion_codes.update(code.id, {"active": False})
    rate = account.v1.tax_rates.create(
        {"display_name": "VAT", "percentage": 19, "inclusive": False}
    )
    account.v1.tax_rates.update(rate.id, {"active": False})

    told = [event.type for event in account.v1.events.list().data][::-1]

    assert told == [
        "coupon.created",
        "promotion_code.created",
        "promotion_code.updated",
        "tax_rate.created",
        "tax_rate.updated",
    ]


def test_a_tax_rate_is_made_found_and_put_out_of_use(account: Any) -> None:
    """create, retrieve, list by active and inclusive, update; decimals stay exact."""
    wanted = {
        "display_name": "Sales tax",
        "percentage": Decimal("7.255"),
        "inclusive": False,
        "country": "US",
        "state": "CA",
        "tax_type": "sales_tax",
    }
    made = account.v1.tax_rates.create({**wanted, "percentage": "7.255"})
    account.v1.tax_rates.create(
        {"display_name": "VAT", "percentage": "19", "inclusive": True}
    )

    read = account.v1.tax_rates.retrieve(made.id)
    exclusive = account.v1.tax_rates.list({"inclusive": False})
    off = account.v1.tax_rates.update(made.id, {"active": False, "description": "old"})
    active = account.v1.tax_rates.list({"active": True})

    assert {name: read[name] for name in wanted} == wanted | {"percentage": 7.255}
    assert [each.id for each in exclusive.data] == [made.id]
    assert (off.active, off.description) == (False, "old")
    assert [each.display_name for each in active.data] == ["VAT"]


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"percentage": "101"}, "percentage"),
        ({"percentage": "1.23456"}, "percentage"),
        ({"inclusive": ""}, "inclusive"),
        ({"tax_type": "tithe"}, "tax_type"),
        ({"display_name": ""}, "display_name"),
    ],
)
def test_a_wrong_tax_rate_is_refused(
    account: Any, changes: dict[str, str], param: str
) -> None:
    """InvalidRequestError names the parameter."""
    wanted = {"display_name": "VAT", "percentage": "19", "inclusive": "true"}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        account.v1.tax_rates.create({**wanted, **changes})

    assert refused.value.param == param


def test_a_token_makes_a_card_that_is_charged(account: Any) -> None:
    """customers.create with source=tok_visa: the default source pays by itself."""
    customer = account.v1.customers.create(
        {"source": "tok_visa", "expand": ["default_source", "sources"]}
    )
    price = account.price(1000)

    made = account.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "expand": ["latest_invoice"],
        }
    )

    card = customer.default_source
    assert (card.object, card.brand, card.last4) == ("card", "Visa", "4242")
    assert card.id.startswith("card_")
    assert [each.id for each in customer.sources.data] == [card.id]
    assert (made.status, made.latest_invoice.status) == ("active", "paid")


def test_a_new_source_takes_the_old_one_s_place(account: Any) -> None:
    """customers.update with source= replaces; payment_sources lists, reads, deletes."""
    customer = account.v1.customers.create({"source": "tok_visa"})

    changed = account.v1.customers.update(customer.id, {"source": "tok_mastercard"})
    sources = account.v1.customers.payment_sources
    second = sources.create(customer.id, {"source": "tok_amex"})
    listed = sources.list(customer.id)
    read = sources.retrieve(customer.id, changed.default_source)
    deleted = sources.delete(customer.id, changed.default_source)
    after = account.v1.customers.retrieve(customer.id)

    assert changed.default_source != customer.default_source
    assert read.brand == "MasterCard"
    assert [each.id for each in listed.data] == [second.id, read.id]
    assert deleted.deleted
    assert after.default_source == second.id


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("tok_nobody", stripe.InvalidRequestError),
        ("pm_card_visa", stripe.InvalidRequestError),
        ("tok_chargeDeclined", stripe.CardError),
    ],
)
def test_a_token_of_no_good_card_makes_no_customer(
    account: Any, source: str, kind: type[stripe.StripeError]
) -> None:
    """An unknown token and a card that refuses leave nothing behind."""
    with pytest.raises(kind):
        account.v1.customers.create({"source": source})

    assert account.v1.customers.list().data == []


def test_a_test_card_is_the_default_as_stripe_s_pages_show_it(account: Any) -> None:
    """customers.create with the same id twice: one card, attached and the default."""
    default = {"default_payment_method": "pm_card_visa"}
    customer = account.v1.customers.create(
        {"payment_method": "pm_card_visa", "invoice_settings": default}
    )

    methods = account.v1.customers.payment_methods.list(customer.id)

    (only,) = methods.data
    assert customer.invoice_settings.default_payment_method == only.id
    assert only.id.startswith("pm_1")


def test_a_test_card_becomes_the_default_later_too(account: Any) -> None:
    """payment_methods.attach, then customers.update, both with the test card's id."""
    customer = account.v1.customers.create({"name": "Ada"})
    method = account.v1.payment_methods.attach(
        "pm_card_mastercard", {"customer": customer.id}
    )

    default = {"default_payment_method": "pm_card_mastercard"}
    after = account.v1.customers.update(customer.id, {"invoice_settings": default})

    assert after.invoice_settings.default_payment_method == method.id
