"""Bundles: products quoted together; the bundle's own line costs nothing."""

import random
from dataclasses import replace

from sandbox.company.catalogue import BUNDLES
from sandbox.company.facts import Deal, DealLine, Kind

BUNDLED_PERCENT = 70  # of the new deals that have all components


def bundled(deal: Deal, rng: random.Random) -> Deal:
    """Return the deal, perhaps with a bundle above the lines that make it up."""
    chance = rng.random() * 100
    if deal.kind is not Kind.NEW or chance >= BUNDLED_PERCENT:
        return deal
    for sku, components in BUNDLES.items():
        first = {line.sku: line.key for line in reversed(deal.lines)}
        if not set(components) <= first.keys():
            continue
        keys = {first[component] for component in components}
        bundle = DealLine(
            key=f"{deal.key}:bundle",
            sku=sku,
            quantity=1,
            list_minor=0,
            unit_minor=0,
            discount_percent=None,
            discount_months=None,
            total_minor=0,
        )
        lines = (
            replace(line, bundle_key=bundle.key) if line.key in keys else line
            for line in deal.lines
        )
        return replace(deal, lines=(bundle, *lines))
    return deal
