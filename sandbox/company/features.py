"""Features: what a company may have besides the plain one, each drawn on its own.

A feature draws from a random stream of its own, so that no feature disturbs another,
and none of them the company that has none.
"""

import random

ALL_FEATURES = frozenset(
    {
        "bundles",  # products sold together, price books per currency
        "credit_notes",
        "entities",  # several legal entities of the selling group
        "health",  # scores by customer success
        "hierarchy",  # parents, subsidiaries, franchise chains, shared domains
        "identity",  # every system writes a customer in its own way
        "ledger",  # accounts, periods, rates and journals of the ERP
        "lifecycle",  # ramps, pauses, trials, approvals, orders, longer terms
        "marketing",  # leads, campaigns
        "payments",  # retries, disputes, payouts
        "segments",  # ten of them instead of three
        "terms",  # payment terms, tax, purchase orders, renewal, risk
        "tiers",  # graduated prices of usage, commitments
    }
)


def checked(features: frozenset[str]) -> frozenset[str]:
    """Return the features. ValueError if one of them does not exist."""
    unknown = features - ALL_FEATURES
    if unknown:
        known = ", ".join(sorted(ALL_FEATURES))
        raise ValueError(f"no feature {', '.join(sorted(unknown))}; there are {known}")
    return features


def stream(seed: int, feature: str, number: object) -> random.Random:
    """Return the random stream of a feature for one customer (or block of them)."""
    return random.Random(f"{seed}:{feature}:{number}")
