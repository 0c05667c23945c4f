"""Chargebee's time machine: the clock of a test site, moved by the caller.

The clock is that of all systems of the sandbox, and never goes back.
"""

from collections.abc import Mapping

from sandbox.chargebee.desk import CARDS, SYSTEM, Answer, Desk
from sandbox.chargebee.events import SWEEPER
from sandbox.chargebee.forms import Form
from sandbox.chargebee.renewals import run_until
from sandbox.chargebee.shapes import impossible, missing, wrong
from sandbox.journal import Document

NAME = "delorean"  # the only one that a site has
PAPERS = "_time_machine"
# A longer journey is a mistake; three years are 36 renewals of each subscription.
LONGEST_SECONDS = 5 * 366 * 86_400
# What a fresh start takes away; the catalogue and the endpoints stay.
_FRESH = (
    "subscription",
    "invoice",
    "credit_note",
    "transaction",
    "payment_source",
    "unbilled_charge",
    "usage",
    "comment",
    "customer",
)


def _machine(desk: Desk, ids: Mapping[str, str]) -> Document:
    if ids["id"] != NAME:
        raise missing(ids["id"])
    found = desk.held(PAPERS).get(NAME)
    return found or {
        "id": NAME,
        "name": NAME,
        "time_travel_status": "succeeded",
        "genesis_time": desk.now,
        "destination_time": desk.now,
        "object": "time_machine",
    }


def _told(machine: Document, **fields: object) -> Answer:
    shown = {key: each for key, each in machine.items() if key != "id"}
    return {"time_machine": shown | fields}


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return the time machine; a journey is over as soon as it was answered."""
    form.only()
    return _told(_machine(desk, ids))


def travel_forward(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Move the site's time; terms begin and invoices are made on the way."""
    form.only("destination_time")
    machine = _machine(desk, ids)
    destination = form.instant("destination_time") or desk.now
    if destination < desk.now:
        raise wrong("destination_time", "should not be in the past")
    if destination > desk.now + LONGEST_SECONDS:
        raise wrong("destination_time", "is too far away")
    machine["destination_time"] = destination
    desk.actor = "time_machine"
    run_until(desk, destination)
    desk.store.keep(SYSTEM, PAPERS, machine)
    return _told(machine, time_travel_status="in_progress")


def start_afresh(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Take all customers, and what belongs to them, away; begin at a time."""
    form.only("genesis_time")
    machine = _machine(desk, ids)
    genesis = form.instant("genesis_time") or desk.now
    if genesis < desk.now:
        raise impossible("The sandbox's clock does not go back.")
    desk.actor = SWEEPER
    for name in _FRESH:
        for record_id in desk.held(name).ids():
            desk.store.delete(
                SYSTEM, name, record_id, actor=desk.actor, request_id=desk.request_id
            )
    for record_id in desk.held(CARDS).ids():
        desk.store.drop(SYSTEM, CARDS, record_id)
    run_until(desk, genesis)
    machine |= {"genesis_time": genesis, "destination_time": genesis}
    desk.store.keep(SYSTEM, PAPERS, machine)
    return _told(machine, time_travel_status="in_progress")
