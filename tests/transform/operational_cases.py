"""Changes and exceptions, twenty and more, and what figures of them come to by hand.

Hours are those of 30 November, whose last known one is the twelfth.
"""

from typing import Any

from tests.transform.evidence_models import Rows
from tests.transform.platform_mistakes import Row, at, change, exception, field, plan
from tests.transform.test_operational_figures import HOUR, moved, numbered

MIDNIGHT = 1_795_996_800  # of 30 November, in Unix time
MOVES = {
    "w": "waiting",
    "h": "held",
    "r": "ready",
    "a": "acknowledged",
    "c": "confirmed",
    "s": "settled",
    "u": "unknown",
    "x": "rejected",
    "d": "diverged",
    "k": "conflict",
    "p": "superseded",
    "R": "retry",
    "N": "reject",
    "U": "undone",
}
# Name, currency, what is made under which key, sendings, and its hours: b is when a
# load brought the value, A and N when a person decided, S when it was first sent.
CHANGES = """
at_once        USD -  1 b.5 r1 S1.25 a1.5 c2          confirmed
approved       EUR -  1 b.5 w1 A3 r3 S3.25 a3.5 c4    confirmed
declined       USD -  0 b.5 w1 N2                     declined
asked          EUR -  0 b.5 w1                        waiting
asked_in_vain  USD -  0 b.5 w1 p4                     superseded
held           USD -  0 b.5 h1                        held
let_go         USD -  1 b.5 h1 A2 r2 S2.5 c3          confirmed
no_answer      USD -  3 b.5 r1 S1.25 u1.5 s3.5        settled
refused        JPY -  2 b.5 r1 S1.5 x2                rejected
mended         USD -  2 b.5 r1 S1.5 x2 R5 c6          confirmed
refused_again  USD -  2 b.5 r1 S1.5 x2 R5 x6          rejected
lost           USD -  1 b.5 r1 S1.5 a2 d3             diverged
overtaken      EUR -  0 b.5 r1 k2 p3                  superseded
made           USD k1 1 b.5 r1 S1.5 s2                settled
made_again     USD k1 1 b.5 r1 S1.5 s3                settled
made_once      USD k2 1 b.5 r1 S1.5 s3                settled
of_no_load     USD -  1     r1 S1.5 c1.75             confirmed
brought_later  USD -  1 b5  r1 S1.5 c2                confirmed
not_read_back  EUR -  1 b.5 r1 S1.5 a2                acknowledged
undone         JPY -  1 b.5 r1 S1.5 a2 d3 U5          superseded
never_there    USD -  2 b.5 r1 S1.5 u2 x2.5           rejected
quick          GBP -  1 b.75 r1 S1.25 c1.5            confirmed
"""
# Of each figure: cases, ended, open, late, seconds in which half and nineteen of twenty
# end. sync_latency, of 22: one by 0 h, two by 0.75 h, two by 1.5 h (one goes), three of
# 16 at 2.5 h (one goes), one of 12 at 3 h, one of 11 at 3.5 h (one goes), one of 8 at
# 5.5 h: 21/22 x 19/21 x 17/19 x 13/16 x 11/12 x 10/11 x 7/8 = 0.458.
OF_CHANGES = {
    "approval_lead_time": (4, 2, 1, 0, 2 * HOUR, None),
    "dead_letter_age": (7, 3, 4, 0, None, None),
    "failed_transaction_recovery": (8, 2, 4, 4, None, None),
    "sync_latency": (22, 11, 7, 7, 19_800, None),
    "sync_latency_approve": (22, 18, 2, 0, 0, None),
    "sync_latency_plan": (22, 22, 0, 0, 1800, 1800),
    "sync_latency_send": (18, 17, 0, 0, 1800, None),
    "sync_latency_verify": (17, 11, 5, 5, 5400, None),
}
# Counted, of how many.
SHARES_OF_CHANGES = {
    "duplicate_effect_rate": (1, 11),
    "hold_rate": (2, 22),
    "lost_change_rate": (1, 10),
    "sends_per_verified_change": (23, 11),
}
RECOVERY = {
    "lost": ("open", 9 * HOUR),
    "mended": ("ended", 4 * HOUR),
    "never_there": ("open", 10 * HOUR),
    "no_answer": ("ended", 2 * HOUR),
    "overtaken": ("withdrawn", HOUR),
    "refused": ("open", 10 * HOUR),
    "refused_again": ("open", 10 * HOUR),
    "undone": ("withdrawn", 2 * HOUR),
}


def changes() -> Rows:
    """Return what the operations store says of the changes."""
    rows, fields, told, decisions = [], [], [], []
    for number, line in enumerate(CHANGES.split("\n")[1:-1], start=1):
        name, currency, key, attempts, *moves, state = line.split()
        hours = [(each[0], float(each[1:])) for each in moves]
        made: dict[str, Any] = {"currency": currency, "attempts": int(attempts)}
        if key != "-":
            made |= {"action": "create", "external_key": key}
        for what, hour in hours:
            if what == "b":
                loaded = str(MIDNIGHT + round(hour * HOUR))
                fields.append(field(name, load_id=loaded))
            elif what == "S":
                made["first_sent_at"] = at(hour)
            elif what in "AN":
                decision = "approve" if what == "A" else "reject"
                decisions.append(
                    {
                        "decision_id": number,
                        "subject": name,
                        "decision": decision,
                        "decided_at": at(hour),
                    }
                )
        rows.append(change(name, state, **made))
        told.append(
            moved(name, *((MOVES[each], h) for each, h in hours if each in MOVES))
        )
    told.append(moved("the last word", ("planned", 12)))
    return {
        "operations.plans": [plan("p1", 1)],
        "operations.changes": rows,
        "operations.change_fields": fields,
        "operations.audit": numbered(*told),
        "operations.decisions": decisions,
    }


# Name, currency, from when on, until when, its state, how often it was there before,
# and when somebody touched it. Four of the thirteen that closed were touched in their
# time.
EXCEPTIONS = """
a USD 1  2   confirmed    0 -
a USD 5  -   reopened     1 -
b EUR 1  3   confirmed    0 ann@2
b EUR 4  6   confirmed    1 ann@6.5
b EUR 7  -   reopened     2 -
c JPY 1  1   confirmed    0 -
d USD 1  -   accepted     0 ann@4
e USD 1  8   accepted     0 ann@2
f USD 1  11  confirmed    0 -
g USD 2  -   proposed     0 -
h USD 3  -   acknowledged 0 ann@3.5
i USD 6  -   approved     0 -
j USD 8  -   repaired     0 -
k USD 2  2.5 confirmed    0 ann@2.25
l USD 2  2.5 confirmed    0 -
m USD 2  3   confirmed    0 -
n USD 2  3   confirmed    0 concord@2.5
o GBP 2  5   confirmed    0 -
p USD 3  5   confirmed    0 -
q USD 3  4   confirmed    0 ann@3
r USD 12 -   open         0 -
"""
# Of 21: one by 0 h (one is seen no longer), two of 19 by 0.5 h, four of 17 by 1 h,
# three of 13 by 2 h, one of 10 by 3 h: 20/21 x 17/19 x 13/17 x 10/13 x 9/10 = 0.451.
OF_EXCEPTIONS = (21, 13, 7, 0, 3 * HOUR, None)
TOUCHED = (4, 13)


def exceptions() -> Rows:
    """Return what the operations store says of the exceptions."""
    rows: list[Row] = []
    told = [moved("the last word", ("planned", 12))]
    for number, line in enumerate(EXCEPTIONS.split("\n")[1:-1], start=1):
        name, currency, opened, closed, state, before, touched = line.split()
        row = exception(
            "M04",
            exception_id=number,
            fingerprint=name,
            currency=currency,
            opened_at=at(float(opened)),
            state=state,
            reopened=int(before),
        )
        rows.append(row if closed == "-" else {**row, "closed_at": at(float(closed))})
        if touched != "-":
            actor, hour = touched.split("@")
            told.append(moved(name, ("comment", float(hour)), actor=actor))
    return {"operations.exceptions": rows, "operations.audit": numbered(*told)}
