"""Tiering: graduated prices and minimum commitments for what is metered."""

import random
from dataclasses import replace

from sandbox.company.catalogue import Charge, tiers
from sandbox.company.facts import Commit, Contract
from sandbox.company.lifecycle import Story

TIERED_PERCENT, COMMITTED_PERCENT = 60, 45
# Whole hundreds of the first tier's units that somebody commits to pay each month.
COMMITTED_HUNDREDS = {"USE-API": (20, 150), "USE-STORAGE": (2, 12)}


def tiered(story: Story, rng: random.Random) -> Story:
    """Return the story, perhaps with graduated prices and a monthly minimum."""
    is_tiered = rng.random() * 100 < TIERED_PERCENT
    is_committed = rng.random() * 100 < COMMITTED_PERCENT
    hundreds = {
        sku: rng.randint(low, high) for sku, (low, high) in COMMITTED_HUNDREDS.items()
    }
    return Story(
        tuple(
            _contract(
                contract,
                hundreds if is_committed else {},
                is_tiered=is_tiered,
            )
            for contract in story.contracts
        ),
        story.deals,
    )


def _contract(
    contract: Contract, hundreds: dict[str, int], *, is_tiered: bool
) -> Contract:
    metered = [line for line in contract.lines if line.charge is Charge.USAGE]
    if not metered:
        return contract
    commits = tuple(
        Commit(contract.key, line.sku, hundreds[line.sku] * 100 * line.unit_minor)
        for line in metered[:1]
        if hundreds
    )
    if not is_tiered:
        return replace(contract, commits=commits)
    currency = contract.customer.currency
    lines = tuple(
        replace(line, tiers=tiers(line.sku, currency)) for line in contract.lines
    )
    return replace(contract, lines=lines, commits=commits)
