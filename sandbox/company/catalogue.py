"""Catalogue: what the company sells, in which currencies, at which list prices."""

from dataclasses import dataclass
from enum import StrEnum

# ISO 4217: how many decimals a currency has. The yen has none.
EXPONENTS = {"USD": 2, "EUR": 2, "GBP": 2, "JPY": 0}

# Minor units of a currency for one US cent, in percent: 90 is 0.90 EUR for 1.00 USD,
# and 150 is 150 JPY for 1.00 USD because a yen is its own minor unit.
LIST_RATES = {"USD": 100, "EUR": 90, "GBP": 80, "JPY": 150}

# Recurring prices are whole hundreds of minor units, so that a discount in whole
# percent of any quantity is exact and every system computes the same number.
STEP = 100


class Charge(StrEnum):
    """How a product is charged, in the words of Salesforce CPQ."""

    RECURRING = "Recurring"
    USAGE = "Usage"
    ONE_TIME = "One-Time"


@dataclass(frozen=True, slots=True)
class Product:
    """One thing that can be sold; the list price is in US cents.

    Recurring: per unit and month. Usage: per unit consumed. One-time: per unit.
    """

    sku: str
    name: str
    family: str
    charge: Charge
    list_cents: int
    meter_event: str | None = None


PRODUCTS = (
    Product("PLT-STARTER", "Platform Starter", "Platform", Charge.RECURRING, 2_900),
    Product("PLT-GROWTH", "Platform Growth", "Platform", Charge.RECURRING, 5_900),
    Product(
        "PLT-ENTERPRISE", "Platform Enterprise", "Platform", Charge.RECURRING, 9900
    ),
    Product("ADD-ANALYTICS", "Analytics", "Add-on", Charge.RECURRING, 1_500),
    Product("ADD-SSO", "Single Sign-On", "Add-on", Charge.RECURRING, 400),
    Product("ADD-AUDIT", "Audit Trail", "Add-on", Charge.RECURRING, 600),
    Product("ADD-SANDBOX", "Sandbox Environment", "Add-on", Charge.RECURRING, 25_000),
    Product("SUP-PREMIUM", "Premium Support", "Support", Charge.RECURRING, 80_000),
    Product("USE-API", "API Calls (1,000)", "Usage", Charge.USAGE, 4, "api_calls"),
    Product("USE-STORAGE", "Storage (GB-month)", "Usage", Charge.USAGE, 12, "storage"),
    Product("SVC-ONBOARD", "Onboarding", "Services", Charge.ONE_TIME, 250_000),
    Product("SVC-TRAINING", "Training Day", "Services", Charge.ONE_TIME, 180_000),
)
BY_SKU = {product.sku: product for product in PRODUCTS}

# Sold only by a company that has the features `bundles` or `tiers`. They stand behind
# PRODUCTS everywhere, so that the others keep their numbers.
BUNDLES = {
    "BND-TEAM": ("PLT-GROWTH", "ADD-ANALYTICS"),
    "BND-SECURE": ("PLT-ENTERPRISE", "ADD-SSO", "ADD-AUDIT"),
}
BUNDLE_PRODUCTS = (
    Product("BND-TEAM", "Team Bundle", "Bundle", Charge.RECURRING, 0),
    Product("BND-SECURE", "Secure Enterprise Bundle", "Bundle", Charge.RECURRING, 0),
)
COMMIT_SKU = "USE-COMMIT"
COMMIT_PRODUCTS = (
    Product(COMMIT_SKU, "Usage Commitment", "Usage", Charge.ONE_TIME, 0),
)
ALL_PRODUCTS = (*PRODUCTS, *BUNDLE_PRODUCTS, *COMMIT_PRODUCTS)
ALL_BY_SKU = {product.sku: product for product in ALL_PRODUCTS}


@dataclass(frozen=True, slots=True)
class Tier:
    """A price for the units up to the `up_to`-th of a month; None: for all others."""

    up_to: int | None
    unit_minor: int


# Up to how many units of a month, at how many percent of the list price; the steps
# lie where a usual month's use crosses at least one of them.
TIER_STEPS = {
    "USE-API": ((5_000, 100), (12_000, 75), (None, 50)),
    "USE-STORAGE": ((500, 100), (1_500, 75), (None, 50)),
}


def list_minor(sku: str, currency: str) -> int:
    """Return the list price in minor units of a currency."""
    product = BY_SKU[sku]
    minor = product.list_cents * LIST_RATES[currency] // 100
    if product.charge is Charge.USAGE:
        return max(minor, 1)
    return rounded(minor)


def rounded(minor: int) -> int:
    """Return the price to the nearest whole step, at least one."""
    return max((minor + STEP // 2) // STEP, 1) * STEP


def tiers(sku: str, currency: str) -> tuple[Tier, ...]:
    """Return the graduated prices of a metered product; none for any other."""
    listed = list_minor(sku, currency)
    return tuple(
        Tier(up_to, max(listed * percent // 100, 1))
        for up_to, percent in TIER_STEPS.get(sku, ())
    )


def graduated(units: int, steps: tuple[Tier, ...]) -> int:
    """Return what so many units cost when every tier prices its own units only."""
    amount, begin = 0, 0
    for step in steps:
        end = units if step.up_to is None else min(units, step.up_to)
        if end <= begin:
            break
        amount += (end - begin) * step.unit_minor
        begin = end
    return amount
