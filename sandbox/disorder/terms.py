"""Disorder in terms: when a contract begins, rests, renews and ends, and who knows."""

from datetime import date, timedelta
from random import Random

from sandbox.company.days import add_months, epoch, plus
from sandbox.company.facts import Contract, Deal, Kind, Trial
from sandbox.disorder.catalogue import (
    COMMON,
    Owned,
    contracts,
    disorder,
    runs,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.salesforce.documents import contract_id, opportunity_id, quote_id
from sandbox.salesforce.documents import subscription_id as line_row_id
from sandbox.salesforce.documents_ids import quote_line_id
from sandbox.stripe.documents_ids import subscription_id


def _of(contract: Contract) -> tuple[str, str, str]:
    return "stripe", "subscription", subscription_id(contract.key)


def _renewed(scene: Scene, contract: Contract) -> bool:
    former = scene.company.contracts_of[contract.customer.key]
    follows = any(each.ends_before == contract.starts_on for each in former)
    status = scene.look(*_of(contract))["status"]
    return runs(scene, contract) and follows and status == "active"


def _lapsed(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    document = scene.record(*_of(contract))
    ended = document["items"]["data"][0]["current_period_start"]
    document |= {"canceled_at": ended, "ended_at": ended}
    note = "approval: the contract was renewed in the CRM and lapsed in billing"
    return scene.changed(*_of(contract), "status", "canceled", note)


def _ended(scene: Scene, contract: Contract) -> bool:
    return contract.ends_before <= scene.company.as_of


def _still_billing(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    document = scene.record(*_of(contract))
    document |= {"canceled_at": None, "ended_at": None}
    ended = "was terminated" if contract.is_terminated else "ended"
    note = f"approval: the contract {ended} on {contract.ends_before} and still bills"
    return scene.changed(*_of(contract), "status", "active", note)


def _shared_end(scene: Scene, contract: Contract) -> bool:
    ends = {line.ends_before for line in contract.lines}
    return runs(scene, contract) and len(contract.lines) > 1 and ends == {None}


def _own_end(scene: Scene, contract: Contract, rng: Random) -> Planted:
    line = rng.choice(contract.lines)
    later = plus(add_months(contract.ends_before, rng.randint(1, 3)), -1)
    return scene.changed(
        "salesforce",
        "SBQQ__Subscription__c",
        line_row_id(line.key),
        "SBQQ__SubscriptionEndDate__c",
        later.isoformat(),
        "approval: the line ends on another day than the rest of its contract",
    )


def _unpaused(scene: Scene, contract: Contract) -> bool:
    return runs(scene, contract) and not contract.pauses


def _paused(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    resumes = epoch(plus(scene.company.as_of, 45))
    wrong = {"behavior": "void", "resumes_at": resumes}
    note = "approval: paused in billing, and neither the CRM nor support knows"
    return scene.changed(*_of(contract), "pause_collection", wrong, note)


def _lost_trials(scene: Scene) -> list[Owned[Trial]]:
    return [
        (trial.customer_key, trial)
        for trial in scene.company.using("stripe").trials
        if trial.contract_key is None
        and trial.ends_before <= scene.company.as_of - timedelta(days=1)
    ]


def _endless_trial(scene: Scene, trial: Trial, _rng: Random) -> Planted:
    place = "stripe", "subscription", subscription_id(trial.key)
    scene.record(*place).update({"canceled_at": None, "ended_at": None})
    note = f"approval: the trial was over on {trial.ends_before}, and nothing followed"
    return scene.changed(*place, "status", "trialing", note)


def _ramped(_scene: Scene, contract: Contract) -> bool:
    return contract.is_ramped


def _moved_step(scene: Scene, contract: Contract, months: int, note: str) -> Planted:
    line = next(each for each in contract.lines if each.ends_before is not None)
    ends: date = line.ends_before or contract.ends_before
    return scene.changed(
        "salesforce",
        "SBQQ__Subscription__c",
        line_row_id(line.key),
        "SBQQ__SubscriptionEndDate__c",
        plus(add_months(ends, months), -1).isoformat(),
        note,
    )


def _overlapping(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    note = "person: a step of the ramp ends after the next one began"
    return _moved_step(scene, contract, 2, note)


def _gapped(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    note = "person: between two steps of the ramp nothing is in force"
    return _moved_step(scene, contract, -1, note)


def _unrenewing(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    note = "automatic: renews by contract, and billing lets it lapse"
    return scene.changed(*_of(contract), "cancel_at_period_end", True, note)  # noqa: FBT003 - the value


def _not_ending(scene: Scene, contract: Contract) -> bool:
    return runs(scene, contract)


def _renewals(scene: Scene) -> list[Owned[Deal]]:
    return [
        (deal.customer.key, deal)
        for deal in scene.books.deals
        if deal.kind is Kind.RENEWAL and not deal.is_closed
    ]


def _due_renewals(scene: Scene) -> list[Owned[Deal]]:
    """Nobody misses a renewal yet whose contract goes on for longer than that."""
    by = plus(scene.company.as_of, 60)
    return [(owner, deal) for owner, deal in _renewals(scene) if deal.starts_on <= by]


def _no_renewal(scene: Scene, deal: Deal, _rng: Random) -> Planted:
    for line in deal.lines:
        scene.remove("salesforce", "SBQQ__QuoteLine__c", quote_line_id(line.key))
    scene.remove("salesforce", "SBQQ__Quote__c", quote_id(deal.key))
    note = f"automatic: the contract ends on {deal.starts_on} and nobody renews it"
    return scene.lost("salesforce", "Opportunity", opportunity_id(deal.key), note)


def _halved(scene: Scene, deal: Deal, _rng: Random) -> Planted:
    place = "salesforce", "Opportunity", opportunity_id(deal.key)
    wrong = scene.look(*place)["Amount"] / 2
    note = "automatic: the renewal is worth what the contract holds"
    return scene.changed(*place, "Amount", wrong, note)


def _left(_scene: Scene, contract: Contract) -> bool:
    return contract.cancel_reason is not None


def _unexplained(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    return scene.changed(
        "salesforce",
        "Contract",
        contract_id(contract.key),
        "Cancel_Reason__c",
        None,
        "automatic: the customer left and nobody wrote down why",
    )


_SUBSCRIPTION = "stripe.subscription"
_LINE = "salesforce.SBQQ__Subscription__c"
DISORDERS = (
    disorder(
        "contract renews, billing lets it lapse",
        "S06",
        _SUBSCRIPTION,
        contracts(_not_ending),
        _unrenewing,
        needs="terms",
    ),
    disorder(
        "renewed in the CRM, lapsed in billing",
        "S07",
        _SUBSCRIPTION,
        contracts(_renewed),
        _lapsed,
        rate=COMMON,
    ),
    disorder(
        "ended in the CRM, still billing",
        "S08 S04",
        _SUBSCRIPTION,
        contracts(_ended),
        _still_billing,
        rate=COMMON,
    ),
    disorder(
        "line that ends apart from its contract",
        "S09",
        _LINE,
        contracts(_shared_end),
        _own_end,
    ),
    disorder(
        "paused in billing only",
        "S10",
        _SUBSCRIPTION,
        contracts(_unpaused),
        _paused,
        needs="lifecycle",
    ),
    disorder(
        "trial that never ended",
        "S11",
        _SUBSCRIPTION,
        _lost_trials,
        _endless_trial,
        needs="lifecycle",
        rate=COMMON,
    ),
    disorder(
        "steps of a ramp that overlap",
        "S12",
        _LINE,
        contracts(_ramped),
        _overlapping,
        needs="lifecycle",
        rate=COMMON,
    ),
    disorder(
        "gap between the steps of a ramp",
        "S12",
        _LINE,
        contracts(_ramped),
        _gapped,
        needs="lifecycle",
        rate=COMMON,
    ),
    disorder(
        "renewal that nobody opened",
        "S15",
        "salesforce.Opportunity salesforce.SBQQ__Quote__c"
        " salesforce.SBQQ__QuoteLine__c",
        _due_renewals,
        _no_renewal,
        rate=COMMON,
    ),
    disorder(
        "renewal of half the amount",
        "S15",
        "salesforce.Opportunity",
        _renewals,
        _halved,
        rate=COMMON,
    ),
    disorder(
        "churn without a reason",
        "S16",
        "salesforce.Contract",
        contracts(_left),
        _unexplained,
        needs="lifecycle",
        rate=COMMON,
    ),
)
