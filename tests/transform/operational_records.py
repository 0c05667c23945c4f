"""Orders, periods, invoices and checks, twenty and more, and their figures by hand."""

from tests.transform.evidence_models import Rows
from tests.transform.platform_mistakes import exception
from tests.transform.test_operational_figures import DAY, order, period

# Name, currency, when it was made, its first day of service and from when on it binds.
ORDERS = """
o01 USD 2026-10-01T09 2026-10-10 2026-10-12
o02 EUR 2026-10-20T00 2026-10-20 -
o03 JPY 2026-10-05T09 2026-10-01 2026-10-01
o04 USD 2026-10-01T00 2026-10-01 2026-10-02
o05 EUR 2026-10-02T00 2026-10-02 2026-10-03
o06 GBP 2026-10-03T00 2026-10-03 2026-10-08
o07 USD 2026-10-01T12 2026-10-01 2026-10-03
o08 USD 2026-10-06T00 2026-10-06 2026-10-06
o09 USD 2026-10-06T00 2026-10-06 -
o10 EUR 2026-10-10T00 2026-10-10 2026-10-20
o11 JPY 2026-10-10T00 2026-10-12 2026-10-13
o12 USD 2026-10-12T00 2026-10-12 2026-10-15
o13 USD 2026-10-12T00 2026-10-12 2026-10-16
o14 USD 2026-10-13T00 2026-10-13 2026-10-13
o15 EUR 2026-10-14T00 2026-10-14 2026-10-16
o16 USD 2026-10-15T00 2026-11-05 -
o17 USD 2026-10-15T00 2026-10-25 2026-10-25
o18 GBP 2026-10-16T00 2026-10-16 -
o19 USD 2026-10-18T00 2026-10-18 2026-10-25
o20 USD 2026-10-20T00 2026-10-20 2026-10-22
o21 USD 2026-10-30T00 2026-10-30 -
o22 USD 2026-09-20T00 2026-09-20 -
"""
# Of 20: four at once (one of them dated before it was made), three of 16 in a day, one
# of 13 in a day and a half, three of 12 in two: 16/20 x 13/16 x 12/13 x 9/12 = 0.45.
# Euros: of four one in a day, one in two: 3/4 x 2/3 = 0.5. What begins after the as-of
# day is no case yet; September's waits for 42 days, which is late.
OF_ORDERS = {
    ("2026-09-01", "all"): (1, 0, 1, 1, None, None),
    ("2026-10-01", "all"): (20, 16, 4, 0, 2 * DAY, None),
    ("2026-10-01", "EUR"): (4, 3, 1, 0, 2 * DAY, None),
    ("2026-10-01", "JPY"): (2, 2, 0, 0, 0, DAY),
}


def orders() -> Rows:
    """Return the orders."""
    return {
        "canonical.orders": [
            order(name, currency, f"{made}:00:00+00", starts, None if on == "-" else on)
            for name, currency, made, starts, on in map(
                str.split, ORDERS.split("\n")[1:-1]
            )
        ]
    }


# Entity, the day after the period, its status, when it was closed, and what it is.
PERIODS = """
US  2026-09-01 closed 2026-09-06 netsuite
UK  2026-09-01 closed 2026-09-06 netsuite
DE  2026-09-01 closed 2026-09-07 netsuite
FR  2026-09-01 closed 2026-09-08 netsuite
JP  2026-09-01 closed 2026-09-09 netsuite
CA  2026-09-01 closed 2026-09-11 netsuite
AU  2026-09-01 closed 2026-09-13 netsuite
NL  2026-09-01 open   -          netsuite
SE  2026-09-01 soft   -          netsuite
CH  2026-09-01 closed 2026-08-30 netsuite
IT  2026-09-01 closed -          netsuite
ES  2026-09-01 closed 2026-09-02 business_central
US  2026-09-01 open   -          adjustment
US  2026-10-01 closed 2026-10-04 netsuite
UK  2026-10-01 closed 2026-10-05 netsuite
DE  2026-10-01 closed 2026-10-06 netsuite
FR  2026-10-01 open   -          netsuite
JP  2026-10-01 open   -          netsuite
CA  2026-10-01 soft   -          netsuite
AU  2026-10-01 open   -          netsuite
"""
# August, of ten: one before its end, two by the fifth day, then one each on the sixth
# and seventh: 9/10 x 7/9 x 6/7 x 5/6 = 0.5. September has more open ones than closed.
OF_PERIODS = {
    ("2026-08-01", "all"): (10, 8, 2, 2, 7 * DAY, None),
    ("2026-08-01", "CH"): (1, 1, 0, 0, 0, 0),
    ("2026-09-01", "all"): (7, 3, 4, 4, None, None),
    ("2026-09-01", "FR"): (1, 0, 1, 1, None, None),
}


def periods() -> Rows:
    """Return the fiscal periods."""
    rows = []
    for number, line in enumerate(PERIODS.split("\n")[1:-1]):
        entity, ends, status, closed, kind = line.split()
        on = None if closed == "-" else f"{closed} 00:00:00+00"
        rows.append(
            {
                **period(f"{number:02}", ends, status, on),
                "legal_entity_code": entity,
                "is_adjustment": kind == "adjustment",
                "source_system": kind if kind != "adjustment" else "netsuite",
            }
        )
    return {"canonical.fiscal_periods": rows}


# Name, currency, total, status, day of issue, the exceptions opened at it on 30
# November and the reason and day of a credit note. One of B09 we could not prevent, the
# others yes.
INVOICES = """
i01 USD 1000 open  2026-11-20 -       -
i02 USD 1000 open  2026-11-20 B01     -
i03 USD 1000 open  2026-11-20 B09     -
i04 USD 1000 open  2026-11-20 B01,B09 -
i05 USD 1000 open  2026-10-31 B01     -
i06 USD 1000 open  2026-10-30 B01     -
i07 USD 1000 void  2026-11-20 B01     -
i08 USD 1000 draft 2026-11-20 B01     -
i09 JPY 1000 open  2026-11-20 B05     -
i10 EUR -500 paid  2026-11-20 B03     -
i11 EUR 2000 open  2026-11-20 -       -
i12 USD 1000 paid  2026-11-01 -       duplicate@2026-12-01
i13 USD 1000 paid  2026-11-01 -       billing_error@2026-12-02
i14 USD 1000 paid  2026-11-20 -       order_change@2026-11-21
i15 USD 1000 paid  2026-11-20 -       void@2026-11-21
i16 USD 1000 open  2026-11-20 C02     -
i17 GBP 700  open  2026-11-20 -       -
i18 USD 0    paid  2026-11-20 -       -
i19 USD 300  open  2026-11-20 -       -
i20 USD 400  open  2026-11-20 U02     -
i21 USD 1000 open  2026-11-20 M07,M07 -
i22 USD 1000 open  2026-11-20 B08     -
"""
# November, in US cents: 11,700 of dollars, 670 of yen, 550 of euros given back, 2,200
# of euros, 889 of pounds: 16,009, of which 7,400, 670 and 550 had an exception.
OF_INVOICES = {
    ("invoice_exception_rate", "2026-10-01"): (1, 2, 5000),
    ("invoice_exception_rate", "2026-11-01"): (10, 18, 5556),
    ("invoice_exception_rate_by_amount", "2026-10-01"): (1000, 2000, 5000),
    ("invoice_exception_rate_by_amount", "2026-11-01"): (8620, 16_009, 5384),
    ("preventable_invoice_exception_rate", "2026-10-01"): (1, 2, 5000),
    ("preventable_invoice_exception_rate", "2026-11-01"): (8, 18, 4444),
}


def invoices() -> Rows:
    """Return invoices, their credit notes and exceptions."""
    rows, notes, found = [], [], []
    for line in INVOICES.split("\n")[1:-1]:
        name, currency, total, status, issued, kinds, note = line.split()
        rows.append(
            {
                "invoice_id": name,
                "billing_system": "stripe",
                "legal_entity_code": "US",
                "status": status,
                "issued_on": issued,
                "currency": currency,
                "total_minor": int(total),
                "tryton_invoice_id": f"t{name}",
            }
        )
        for kind in kinds.split(",") if kinds != "-" else ():
            # What the ERP lacks is told of it, the rest of billing's record.
            key = (
                f"tryton:invoice:t{name}" if kind == "C02" else f"stripe:invoice:{name}"
            )
            number = len(found) + 1
            found.append(exception(kind, exception_id=number, record_key=key))
        if note != "-":
            reason, on = note.split("@")
            notes.append(
                {
                    "credit_note_id": name,
                    "billing_system": "stripe",
                    "invoice_id": name,
                    "status": "void" if reason == "void" else "issued",
                    "reason_code": "fraudulent" if reason == "void" else reason,
                    "issued_on": on,
                }
            )
    fingerprints = [
        {**row, "fingerprint": str(number)} for number, row in enumerate(found)
    ]
    return {
        "canonical.invoices": rows,
        "canonical.credit_notes": notes,
        "operations.exceptions": fingerprints,
    }


# Check, day, what it compared, breaks, and explained ones; the last run of a month
# counts.
RESULTS = """
A 2026-10-05 80  9  0
A 2026-10-20 80  8  0
A 2026-11-01 10  5  0
A 2026-11-20 100 10 4
B 2026-10-20 50  0  0
B 2026-11-20 50  0  0
C 2026-10-20 40  4  4
C 2026-11-20 -   -  -
D 2026-11-20 3   5  0
E 2026-11-20 200 20 20
F 2026-11-20 1   1  0
G 2026-11-20 1   1  1
H 2026-11-20 30  3  1
I 2026-11-20 30  3  2
J 2026-11-20 30  3  3
K 2026-11-20 15  0  0
L 2026-11-20 15  15 0
M 2026-11-19 20  20 0
M 2026-11-20 20  0  0
N 2026-11-20 -   -  -
O 2026-11-20 5   1  0
"""
# October: A and B agree in 122 of 130, C is explained: 162 of 170. November: 94 of A's,
# none of D's 3, of F's 1 and of L's 15, 28 and 29 of H's and I's 30, 4 of O's 5.
CONSISTENT = {
    "2026-10-01": (162, 170, 9529),
    "2026-11-01": (471, 500, 9420),
}


def results() -> Rows:
    """Return what became of the checks, run by run."""
    rows = []
    for number, line in enumerate(RESULTS.split("\n")[1:-1], start=1):
        check_id, day, *counts = line.split()
        compared, breaks, explained = (
            0 if each == "-" else int(each) for each in counts
        )
        rows.append(
            {
                "result_id": number,
                "check_id": check_id,
                "status": "not_run" if counts[0] == "-" else "failed",
                "compared": compared,
                "breaks": breaks,
                "explained": explained,
                "difference_usd_minor": 0,
                "at": f"{day}T00:00:00.000000+00:00",
            }
        )
    return {"operations.check_results": rows}
