"""Zendesk's drift: fields that appear, vanish or change their type overnight."""

from sandbox.drift import drift
from sandbox.store import column
from sandbox.zendesk.account import Account
from sandbox.zendesk.kinds import Kind


def shown(account: Account, kind: Kind) -> str:
    """Return the SQL of a record's JSON as it goes out."""
    sql = "body"
    for each in drift(account.store, "zendesk"):
        if each.object != kind.name:
            continue
        try:
            value = column(*each.field.split("."))
        except ValueError:
            continue
        path = value.removeprefix("json_extract(body, ").removesuffix(")")
        match each.change:
            case "removed":
                sql = f"json_remove({sql}, {path})"
            case "added":
                sql = f"json_insert({sql}, {path}, null)"
            case "retyped":
                sql = f"json_replace({sql}, {path}, cast({value} as text))"
    return sql
