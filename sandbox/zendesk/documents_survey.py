"""Zendesk: the ticket's own field, and what customers said about the answer."""

from sandbox.company.company import Company
from sandbox.company.facts import Ticket
from sandbox.company.support import AREAS
from sandbox.identifiers import zendesk_id
from sandbox.shapes import Document, zendesk_time

TITLE = "Product area"


def field_id(company: Company) -> int:
    """Return the id of the field that holds a ticket's product area."""
    return zendesk_id("ticket_field", company.seed, TITLE)


def ticket_fields(company: Company) -> list[Document]:
    """Return the fields that this account added to its tickets."""
    identity = field_id(company)
    created_at = zendesk_time(company.starts_on, 8)
    return [
        {
            "id": identity,
            "url": f"https://concord.zendesk.com/api/v2/ticket_fields/{identity}.json",
            "type": "tagger",
            "title": TITLE,
            "raw_title": TITLE,
            "description": "",
            "raw_description": "",
            "position": 9_999,
            "active": True,
            "required": False,
            "collapsed_for_agents": False,
            "regexp_for_validation": None,
            "title_in_portal": TITLE,
            "raw_title_in_portal": TITLE,
            "visible_in_portal": False,
            "editable_in_portal": False,
            "required_in_portal": False,
            "agent_can_edit": True,
            "tag": None,
            "removable": True,
            "key": None,
            "custom_field_options": [
                {
                    "id": zendesk_id("ticket_field_option", company.seed, area),
                    "name": area,
                    "raw_name": area,
                    "value": _value(area),
                    "default": False,
                }
                for area in AREAS
            ],
            "created_at": created_at,
            "updated_at": created_at,
        }
    ]


def custom_fields(company: Company, ticket: Ticket) -> list[Document]:
    """Return the values of the account's own fields on a ticket."""
    if ticket.area is None:
        return []
    return [{"id": field_id(company), "value": _value(ticket.area)}]


def _value(area: str) -> str:
    return f"area_{area.replace('-', '_')}"


def satisfaction(ticket: Ticket) -> Document:
    """Return the rating as a ticket shows it; nothing where nobody is ever asked."""
    if ticket.area is None:
        return {}
    if ticket.satisfaction is not None:
        return {"satisfaction_rating": {"score": ticket.satisfaction, "comment": None}}
    score = "offered" if ticket.status == "closed" else "unoffered"
    return {"satisfaction_rating": {"score": score}}


def ratings(company: Company) -> list[Document]:
    """Return the ratings that were given."""
    return [
        _rating(company, ticket)
        for ticket in company.tickets
        if ticket.satisfaction is not None
    ]


def _rating(company: Company, ticket: Ticket) -> Document:
    identity = zendesk_id("satisfaction_rating", ticket.key)
    said_at = zendesk_time(ticket.updated_on, 18)
    return {
        "id": identity,
        "url": (
            f"https://concord.zendesk.com/api/v2/satisfaction_ratings/{identity}.json"
        ),
        "assignee_id": zendesk_id("agent", company.seed, "Kim Larsen"),
        "group_id": None,
        "requester_id": zendesk_id("user", ticket.requester.key),
        "ticket_id": zendesk_id("ticket", ticket.key),
        "score": ticket.satisfaction,
        "comment": None,
        "created_at": said_at,
        "updated_at": said_at,
    }
