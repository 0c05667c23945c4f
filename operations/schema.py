"""Schema: the tables of the operations store, one migration after another.

A migration that has been released is never edited; a change is a further one.
Instants are text in UTC of one fixed width, so that they sort as they follow.
"""

from operations.schema_history import HISTORY

_LEASES = """
create table leases (
    name text primary key,
    owner text not null,
    epoch integer not null,
    expires_at text not null
) strict
"""

_AUDIT = """
create table audit (
    seq integer primary key,
    at text not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null,
    previous_hash text not null,
    hash text not null
) strict
"""

_AUDIT_UPDATE = """
create trigger audit_is_never_changed before update on audit
begin select raise(abort, 'the audit chain is only ever added to'); end
"""

_AUDIT_DELETE = """
create trigger audit_is_never_cut before delete on audit
begin select raise(abort, 'the audit chain is only ever added to'); end
"""

_EXCEPTIONS = """
create table exceptions (
    exception_id integer primary key,
    source text not null,
    fingerprint text not null,
    kind text not null,
    severity text not null,
    owner text not null,
    record_key text,
    customer_id text,
    subject text not null,
    difference_minor integer,
    currency text,
    detail text not null,
    opened_at text not null,
    seen_at text not null,
    closed_at text,
    resolution text
) strict
"""

_EXCEPTIONS_ONE_OPEN = """
create unique index one_open_exception on exceptions (fingerprint)
where closed_at is null
"""

_PLANS = """
create table plans (
    plan_id text primary key,
    made_at text not null,
    recorded_at text not null,
    contract_hash text not null,
    planned integer not null,
    standing integer not null,
    withdrawn integer not null,
    governed integer not null,
    equal integer not null
) strict
"""

_CHANGES = """
create table changes (
    change_id text primary key,
    plan_id text not null references plans (plan_id),
    content_hash text not null,
    system text not null,
    object text not null,
    target text not null,
    record_id text,
    external_key text,
    entity text not null,
    entity_id text not null,
    customer_id text,
    action text not null check (action in ('update', 'create')),
    fields text not null,
    approval integer not null,
    amount_minor integer,
    currency text,
    reason text not null,
    state text not null check (state in (
        'waiting', 'held', 'ready', 'sending', 'unknown', 'acknowledged', 'confirmed',
        'settled', 'conflict', 'rejected', 'diverged', 'declined', 'superseded'
    )),
    hold text,
    attempts integer not null default 0,
    key_generation integer not null default 0,
    epoch integer,
    request_hash text,
    first_sent_at text,
    sent_at text,
    fault text,
    why text,
    next_step text,
    created_at text not null,
    changed_at text not null
) strict
"""

_CHANGES_IN_FLIGHT = """
create unique index one_change_in_flight_per_record on changes (system, object, target)
where state in ('sending', 'unknown')
"""

_CHANGES_BY_STATE = "create index changes_by_state on changes (state, system)"

_CHANGES_BY_CONTENT = "create index changes_by_content on changes (content_hash)"

_BASE = """
create table base (
    system text not null,
    object text not null,
    record_id text not null,
    field text not null,
    value text,
    is_known integer not null,
    change_id text,
    at text not null,
    primary key (system, object, record_id, field)
) strict, without rowid
"""

_DECISIONS = """
create table decisions (
    decision_id integer primary key,
    subject text not null,
    content_hash text not null,
    decision text not null check (
        decision in ('approve', 'reject', 'retry', 'overwrite')
    ),
    decided_by text not null,
    decided_at text not null,
    reason text not null
) strict
"""

_DECISIONS_BY_SUBJECT = "create index decisions_by_subject on decisions (subject)"

_DEAD_LETTERS = """
create view dead_letters as
select
    change_id,
    system,
    object,
    record_id,
    external_key,
    customer_id,
    state,
    fault,
    why,
    next_step,
    attempts,
    fields,
    amount_minor,
    currency,
    changed_at as since
from changes
where state in ('rejected', 'diverged')
"""

# Numbers are never used twice: a load covers all events up to a number.
_EVENTS = """
create table events (
    seq integer primary key autoincrement,
    system text not null,
    event_id text not null,
    kind text not null,
    records text not null,
    received_at text not null,
    done_at text,
    unique (system, event_id)
) strict
"""

_EVENTS_PENDING = """
create index events_pending on events (system, seq) where done_at is null
"""

_EVENTS_DONE = """
create index events_done on events (done_at) where done_at is not null
"""

_QUARANTINE = """
create table quarantine (
    quarantine_id integer primary key,
    system text not null,
    stream text not null,
    object text not null,
    key text not null,
    record_id text,
    field text,
    reason text not null,
    next_step text not null,
    document text not null,
    given text not null,
    held_since text not null,
    seen_at text not null,
    released_at text
) strict
"""

_QUARANTINE_ONE_OPEN = """
create unique index one_letter_in_quarantine on quarantine (system, stream, key)
where released_at is null
"""

_CONTROL_TOTALS = """
create table control_totals (
    total_id integer primary key,
    at text not null,
    system text not null,
    stream text not null,
    read integer not null,
    loaded integer not null,
    duplicates integer not null,
    quarantined integer not null,
    changed integer not null,
    deleted integer not null,
    load_id text,
    is_partial integer not null,
    check (read = loaded + duplicates + quarantined),
    check (changed <= loaded)
) strict
"""

_CONTROL_TOTALS_BY_SYSTEM = """
create index control_totals_by_system on control_totals (system, at)
"""

_GOLDEN_IDS = """
create table golden_ids (
    seq integer primary key autoincrement,
    entity text not null,
    golden_id text not null unique,
    founder text not null,
    minted_at text not null,
    redirect_to text,
    unique (entity, founder)
) strict
"""

_GOLDEN_MEMBERS = """
create table golden_members (
    member_no integer primary key,
    entity text not null,
    record_key text not null,
    golden_id text not null,
    valid_from text not null,
    valid_to text
) strict
"""

_GOLDEN_MEMBERS_ONE = """
create unique index one_golden_id_per_record on golden_members (entity, record_key)
where valid_to is null
"""

_GOLDEN_MEMBERS_BY_RECORD = """
create index golden_members_by_record on golden_members (entity, record_key)
"""

_IDENTITY_PINS = """
create table identity_pins (
    pin_id integer primary key,
    entity text not null,
    kind text not null check (kind in ('same', 'different')),
    left_key text not null,
    right_key text not null,
    pinned_by text not null,
    pinned_at text not null,
    reason text not null,
    withdrawn_by text,
    withdrawn_at text,
    withdrawn_reason text,
    check (left_key < right_key)
) strict
"""

_IDENTITY_PINS_ONE = """
create unique index one_pin_per_pair on identity_pins (entity, left_key, right_key)
where withdrawn_at is null
"""

_GOLDEN_PARENTS = """
create table golden_parents (
    parent_no integer primary key,
    entity text not null,
    child_id text not null,
    basis text not null,
    parent_id text not null,
    valid_from text not null,
    valid_to text
) strict
"""

_GOLDEN_PARENTS_ONE = """
create unique index one_parent_per_basis on golden_parents (entity, child_id, basis)
where valid_to is null
"""

# A plan as it was made, byte for byte, and who asked for it.
_PLAN_DOCUMENTS = """
create table plan_documents (
    plan_id text primary key references plans (plan_id),
    kind text not null check (kind in ('regular', 'revert')),
    author text not null,
    undoes text,
    document text not null
) strict
"""

# How many people have to approve the change before it may go.
_CHANGES_PEOPLE = """
alter table changes add column people integer not null default 1
"""

_CHANGES_BY_RECORD = """
create index changes_by_record on changes (record_id, system)
"""

_CHANGES_BY_PLAN = "create index changes_by_plan on changes (plan_id)"

_DECISIONS_EXPIRE = "alter table decisions add column expires_at text"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _LEASES,
        _AUDIT,
        _AUDIT_UPDATE,
        _AUDIT_DELETE,
        _EXCEPTIONS,
        _EXCEPTIONS_ONE_OPEN,
        _PLANS,
        _CHANGES,
        _CHANGES_IN_FLIGHT,
        _CHANGES_BY_STATE,
        _CHANGES_BY_CONTENT,
        _BASE,
        _DECISIONS,
        _DECISIONS_BY_SUBJECT,
        _DEAD_LETTERS,
    ),
    (
        _EVENTS,
        _EVENTS_PENDING,
        _EVENTS_DONE,
    ),
    (
        _QUARANTINE,
        _QUARANTINE_ONE_OPEN,
        _CONTROL_TOTALS,
        _CONTROL_TOTALS_BY_SYSTEM,
    ),
    (
        _GOLDEN_IDS,
        _GOLDEN_MEMBERS,
        _GOLDEN_MEMBERS_ONE,
        _GOLDEN_MEMBERS_BY_RECORD,
        _IDENTITY_PINS,
        _IDENTITY_PINS_ONE,
        _GOLDEN_PARENTS,
        _GOLDEN_PARENTS_ONE,
    ),
    (
        _PLAN_DOCUMENTS,
        _CHANGES_PEOPLE,
        _CHANGES_BY_RECORD,
        _CHANGES_BY_PLAN,
        _DECISIONS_EXPIRE,
    ),
    HISTORY,
)
