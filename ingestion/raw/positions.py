"""Positions: from when on the next load wants the changes of a stream."""

from datetime import datetime, timedelta

from ingestion.readings import Known
from ingestion.streams import Stream

# No system that is read lets a transaction run longer (NetSuite: 15 minutes), so a
# change stamped before this reading began and committed after it is read next time.
OVERLAP = timedelta(minutes=15)
# A sweep that found nothing is noted no more often than this: noting it is a write.
_NOTED = timedelta(hours=12)


def position(
    stream: Stream, newest: datetime | None, mark: datetime | None, began: datetime
) -> datetime:
    """Return from when on the next reading of a stream wants changes.

    `newest` is the latest change known, `mark` the vendor's own word, `began` the
    server's time when the walk began.
    """
    if mark is not None:
        return min(mark, began)
    if stream.cursor is not None and newest is not None:
        # A stamp in the future would hide every change until then.
        return min(newest, began) - OVERLAP
    return began - OVERLAP


def is_due(known: Known, stream: str, swept: datetime | None) -> bool:
    """Tell whether a position is to be written although no row is.

    `swept` is the time of the sweep that has just been made, None where none was.
    """
    if stream not in known.since:
        return True
    before = known.swept.get(stream)
    return swept is not None and (before is None or swept - before > _NOTED)
