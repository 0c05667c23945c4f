"""Pipelines: the stages that deals, tickets and leads go through."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; `metadata` as HubSpot has it, texts throughout."""

    id: str
    label: str
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One pipeline."""

    id: str
    label: str
    stages: tuple[Stage, ...]


def _deal_stage(name: str, label: str, probability: str) -> Stage:
    closed = "true" if probability in ("0.0", "1.0") else "false"
    return Stage(name, label, (("isClosed", closed), ("probability", probability)))


def _ticket_stage(number: int, label: str) -> Stage:
    state = "CLOSED" if label == "Closed" else "OPEN"
    return Stage(str(number), label, (("ticketState", state),))


# HubSpot's default pipelines: the ids are fixed and the same in every account.
PIPELINES: dict[str, tuple[Pipeline, ...]] = {
    "deals": (
        Pipeline(
            "default",
            "Sales Pipeline",
            (
                _deal_stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
                _deal_stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
                _deal_stage("presentationscheduled", "Presentation Scheduled", "0.6"),
                _deal_stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
                _deal_stage("contractsent", "Contract Sent", "0.9"),
                _deal_stage("closedwon", "Closed Won", "1.0"),
                _deal_stage("closedlost", "Closed Lost", "0.0"),
            ),
        ),
    ),
    "tickets": (
        Pipeline(
            "0",
            "Support Pipeline",
            (
                _ticket_stage(1, "New"),
                _ticket_stage(2, "Waiting on contact"),
                _ticket_stage(3, "Waiting on us"),
                _ticket_stage(4, "Closed"),
            ),
        ),
    ),
    "leads": (
        Pipeline(
            "lead-pipeline-id",
            "Lead pipeline",
            (
                Stage("new-stage-id", "New"),
                Stage("attempting-stage-id", "Attempting"),
                Stage("connected-stage-id", "Connected"),
                Stage("qualified-stage-id", "Qualified"),
                Stage("unqualified-stage-id", "Disqualified"),
            ),
        ),
    ),
}
