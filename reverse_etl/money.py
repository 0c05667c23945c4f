"""Money: whole minor units, and the decimals in which some systems want them."""

from decimal import Decimal

# ISO 4217: the currencies whose smallest unit is not a hundredth.
_WHOLE = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"}
    | {"RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def exponent(currency: str) -> int:
    """Return how many decimal places a currency has."""
    code = currency.upper()
    return 0 if code in _WHOLE else 3 if code in _THOUSANDTHS else 2


def major(minor: int, currency: str) -> Decimal:
    """Return minor units as the currency's decimal amount, exactly."""
    return Decimal(minor).scaleb(-exponent(currency))


def minor(amount: Decimal, currency: str) -> int:
    """Return a decimal amount as minor units.

    Raises:
        ValueError: It is finer than the currency's smallest unit.
    """
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} {currency} is finer than the currency.")
    return int(scaled)
