"""Judging: Stripe's own description of its API, held against every answer of ours."""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import stripe

SPEC = Path(__file__).parents[4] / "shared" / "specs" / "stripe" / "spec3.json"
# What the description of 2026-08-26 (dahlia) does not have; nor has it the second API.
UNDESCRIBED = ("/_sandbox_roll",)


def _json_schema(node: Any) -> Any:
    """Return OpenAPI's schema as JSON Schema, closed against unknown names."""
    if isinstance(node, list):
        return [_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {
        key: _json_schema(value)
        for key, value in node.items()
        if key not in {"nullable", "description", "example", "maxLength", "format"}
        and not key.startswith("x-")
    }
    if isinstance(node.get("properties"), dict):
        schema["properties"] = {
            name: _json_schema(value) for name, value in node["properties"].items()
        }
        if node.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    if node.get("nullable") is True:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


@dataclass
class Judge:
    """Stripe's description, ready to judge; without it nothing is judged."""

    paths: dict[str, Any] = field(default_factory=dict)
    registry: Any = None
    validators: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    figures: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def is_there(self) -> bool:
        """Whether the description lies beside the checkout."""
        return self.registry is not None

    def look_at(self, method: str, url: str, status: int, body: bytes) -> None:
        """Hold one answer against the description of its operation."""
        path = urlsplit(url).path
        path = path[path.index("/v1/") :] if "/v1/" in path else path
        if not self.is_there or path.endswith(UNDESCRIBED) or "/v2/" in path:
            return
        template = self._template(path, method.lower())
        if template is None:
            if status != 404:
                self.problems.append(f"{method} {path}: no such operation")
            return
        self.seen[f"{method} {template}"] += 1
        validated = self.figures.get("responses_validated", 0)
        self.figures["responses_validated"] = validated + 1
        validator = self._validator(template, method.lower(), status)
        for error in validator.iter_errors(json.loads(body)):
            where = ".".join(map(str, error.instance_path))
            said = f"{method} {template} {status}: {where}: {str(error.message)[:300]}"
            if said not in self.problems:
                self.problems.append(said)

    def _template(self, path: str, method: str) -> str | None:
        parts = path.split("/")
        found = [
            (template.count("{"), template)
            for template, operations in self.paths.items()
            if method in operations
            and len(template.split("/")) == len(parts)
            and all(
                want == part or want.startswith("{")
                for want, part in zip(template.split("/"), parts, strict=True)
            )
        ]
        return min(found)[1] if found else None

    def _validator(self, template: str, method: str, status: int) -> Any:
        kind = "200" if status < 400 else "default"
        key = (template, method, kind)
        if key not in self.validators:
            responses = self.paths[template][method]["responses"]
            content = responses[kind]["content"]["application/json"]
            schema = _json_schema(content["schema"])
            text = json.dumps(schema).replace("#/components", "urn:stripe#/components")
            self.validators[key] = jsonschema_rs.Draft202012Validator(
                json.loads(text), registry=self.registry
            )
        return self.validators[key]


@cache
def judge() -> Judge:
    """Return the judge; reading the description costs some seconds."""
    if not SPEC.exists():
        return Judge()
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    schemas = _json_schema({"components": {"schemas": spec["components"]["schemas"]}})
    resource = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schemas}
    registry = jsonschema_rs.Registry([("urn:stripe", resource)])
    return Judge(paths=spec["paths"], registry=registry)


class Recording(stripe.RequestsClient):
    """Stripe's own transport; it shows every answer to the judge as well."""

    def __init__(self, judged: Judge, **settings: Any) -> None:
        """Show answers to this judge."""
        super().__init__(**settings)
        self.judged = judged

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        """Send a request as Stripe's client does."""
        content, status, headers = super().request(method, url, *rest, **more)
        body = content.encode() if isinstance(content, str) else content
        self.judged.look_at(method.upper(), url, status, body)
        return content, status, headers
