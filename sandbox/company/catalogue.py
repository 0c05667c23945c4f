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
