"""Validates requests against Cloudflare's published OpenAPI (an extract, in specs/)."""

import json
import pathlib
import re

import jsonschema

SPEC = json.loads((pathlib.Path(__file__).parent / "specs/cloudflare-workers.openapi.json").read_text())

# What the extract lacks although Cloudflare's own tool sends it (specs/wrangler-deploy-recording.json,
# `where_the_openapi_extract_is_stricter_or_silent`).
EXTRA_QUERY = {("PUT", "/accounts/{account_id}/workers/scripts/{script_name}"): {"excludeScript"}}
EXTRA_METADATA = {"code_update_strategy"}
READ_ONLY = {
    ("POST", "/accounts/{account_id}/workers/scripts/{script_name}/deployments"): {"id", "source", "created_on"},
}


class Invalid(Exception):
    """The request is not one that the published schema allows."""


def _pattern(template: str) -> re.Pattern:
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "$")


ROUTES = [(template, _pattern(template)) for template in SPEC["paths"]]


def route(method: str, path: str):
    """The template and the path's parameters, or None where the schema has no such path and method."""
    for template, pattern in ROUTES:
        found = pattern.match(path)
        if found and method.lower() in SPEC["paths"][template]:
            return template, found.groupdict()
    return None


def _check(schema: dict, value, what: str):
    validator = jsonschema.Draft202012Validator({"components": SPEC["components"], **schema})
    error = next(iter(sorted(validator.iter_errors(value), key=lambda e: list(e.path))), None)
    if error:
        raise Invalid(f"{what}: {'/'.join(map(str, error.path)) or 'body'}: {error.message[:300]}")


def _resolve(node: dict) -> dict:
    while "$ref" in node:
        target = SPEC
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def check_query(method: str, template: str, query: dict):
    item = SPEC["paths"][template]
    known = {
        p["name"]: p
        for p in map(_resolve, item.get("parameters", []) + item[method.lower()].get("parameters", []))
        if p["in"] == "query"
    }
    for name, values in query.items():
        if name in EXTRA_QUERY.get((method, template), set()):
            continue
        if name not in known:
            raise Invalid(f"query parameter {name} is not in the schema")
        if len(values) != 1:
            raise Invalid(f"query parameter {name} is given {len(values)} times")
        schema = _resolve(known[name].get("schema", {}))
        value = values[0]
        if schema.get("type") in ("integer", "number"):
            value = float(value)
        if schema.get("type") == "boolean":
            value = {"true": True, "false": False}.get(value, value)
        _check(schema, value, f"query {name}")


def check_json(method: str, template: str, content_type: str | None, body):
    content = _resolve(SPEC["paths"][template][method.lower()].get("requestBody", {})).get("content", {})
    if not content:
        if body is not None:
            raise Invalid("a body where the schema has none")
        return
    kind = (content_type or "").split(";")[0].strip()
    if kind not in content:
        raise Invalid(f"content type {kind or 'none'} where the schema has {', '.join(content)}")
    schema = dict(_resolve(content[kind]["schema"]))
    hidden = READ_ONLY.get((method, template), set())
    if hidden and "required" in schema:
        schema["required"] = [name for name in schema["required"] if name not in hidden]
    properties = schema.get("properties")
    if properties and isinstance(body, dict):
        for name in body:
            if name not in properties and not schema.get("additionalProperties"):
                raise Invalid(f"member {name} is not in the schema")
            if _resolve(properties.get(name, {})).get("readOnly"):
                raise Invalid(f"member {name} is read-only")
    _check(schema, body, "body")


def check_metadata(metadata):
    """The `metadata` part of a module upload."""
    schema = _resolve(SPEC["components"]["requestBodies"]["workers_script_upload"])
    schema = _resolve(schema["content"]["multipart/form-data"]["schema"]["properties"]["metadata"])
    if not isinstance(metadata, dict):
        raise Invalid("metadata is no object")
    for name in metadata:
        if name not in schema["properties"] and name not in EXTRA_METADATA:
            raise Invalid(f"metadata.{name} is not in the schema")
    _check(schema, {k: v for k, v in metadata.items() if k not in EXTRA_METADATA}, "metadata")
