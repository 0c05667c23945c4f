"""The migration that gives exceptions a lifecycle and checks a memory.

What an exception was when stands in the audit chain, which nobody alters; its row says
what it is now. What a check found is kept for good, run by run.
"""

_STATE = """
alter table exceptions add column state text not null default 'open' check (state in (
    'open', 'acknowledged', 'proposed', 'approved', 'repaired', 'confirmed',
    'accepted', 'reopened'
))
"""

_STATE_OF_CLOSED = """
update exceptions set state = 'confirmed' where closed_at is not null
"""

# The instant by which it must be gone, where its check says how long it may take.
_DUE = "alter table exceptions add column due_at text"

_ESCALATION = """
alter table exceptions add column escalation integer not null default 0
"""

_REOPENED = "alter table exceptions add column reopened integer not null default 0"

_EVIDENCE = "alter table exceptions add column evidence text"

_BY_FINGERPRINT = "create index exceptions_by_fingerprint on exceptions (fingerprint)"

_AUDIT_BY_SUBJECT = "create index audit_by_subject on audit (subject)"

_RESULTS = """
create table check_results (
    result_id integer primary key,
    at text not null,
    check_id text not null,
    status text not null check (status in ('passed', 'failed', 'not_run')),
    not_run_because text,
    compared integer not null,
    breaks integer not null,
    explained integer not null,
    difference_usd_minor integer not null,
    unique (check_id, at),
    check ((status = 'not_run') = (not_run_because is not null)),
    check (explained <= breaks)
) strict
"""

_RESULTS_UPDATE = """
create trigger check_results_are_never_changed before update on check_results
begin select raise(abort, 'results of checks are only ever added to'); end
"""

_RESULTS_DELETE = """
create trigger check_results_are_never_cut before delete on check_results
begin select raise(abort, 'results of checks are only ever added to'); end
"""

HISTORY = (
    _STATE,
    _STATE_OF_CLOSED,
    _DUE,
    _ESCALATION,
    _REOPENED,
    _EVIDENCE,
    _BY_FINGERPRINT,
    _AUDIT_BY_SUBJECT,
    _RESULTS,
    _RESULTS_UPDATE,
    _RESULTS_DELETE,
)
