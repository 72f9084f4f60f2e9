"""What the stand-in for Cloudflare checks and works out when a Worker is uploaded."""

import json
import pathlib
import re

from . import schema
from .cloudflare_records import Refused, Script, Version

RECONCILED = ("created", "updated", "deleted", "renamed", "transferred", "transfer_pending", "warnings", "info",
              "removable_entries")


def read_parts(request):
    """The metadata and the modules of an upload."""
    parts = request.parts
    if not parts:
        raise Refused(400, 10021, "The upload is no multipart/form-data.")
    if parts[0][0] != "metadata":
        raise schema.Invalid("the first part is not metadata")
    if parts[0][2] not in (None, "application/json", "text/plain"):
        raise schema.Invalid(f"metadata has the content type {parts[0][2]}")
    try:
        metadata = json.loads(parts[0][3])
    except ValueError as error:
        raise Refused(400, 10021, "The metadata is no JSON.") from error
    schema.check_metadata(metadata)
    modules = {}
    for part, filename, kind, content in parts[1:]:
        if filename != part:
            raise schema.Invalid(f"module {part} has the filename {filename}")
        if part in modules:
            raise Refused(400, 10021, f"module {part} is there twice")
        modules[part] = (kind, content)
    if sum(len(content) for _, content in modules.values()) > 64 << 20:
        raise Refused(413, 10027, "The Worker is too large.")
    return metadata, modules


def check_modules(metadata, modules):
    main = metadata.get("main_module")
    if not main or main not in modules:
        raise Refused(400, 10021, f"No such module: {main}")
    if next(iter(modules)) != main:
        raise schema.Invalid("the main module is not the first")
    if "compatibility_date" not in metadata:
        raise Refused(400, 10021, "compatibility_date is missing")
    for name, (kind, content) in modules.items():
        if kind != "application/javascript+module":
            continue
        for wanted in re.findall(rb"""^\s*(?:import|export)\b[^'"\n]*?['"](\.{1,2}/[^'"]+)['"]""", content, re.M):
            target = str(pathlib.PurePosixPath(name).parent / wanted.decode())
            normal = str(pathlib.PurePosixPath(*_normalize(target)))
            if normal not in modules:
                raise Refused(400, 10021, f'Uncaught Error: No such module "{normal}". imported from "{name}"')


def resolve_bindings(metadata, old: Version | None, strict: bool) -> list:
    before = {b["name"]: b for b in old.bindings} if old else {}
    out = []
    seen = set()
    for binding in metadata.get("bindings", []):
        if binding["name"] in seen:
            raise Refused(400, 10021, f"binding {binding['name']} is there twice")
        seen.add(binding["name"])
        if binding["type"] == "inherit":
            source = binding.get("old_name", binding["name"])
            if source in before:
                out.append({**before[source], "name": binding["name"]})
            elif strict:
                raise Refused(400, 10057, f"inherit binding '{binding['name']}' is invalid: no such binding")
        elif binding["type"] == "secret_text" and "text" not in binding:
            raise schema.Invalid(f"secret {binding['name']} without a text")
        else:
            out.append(binding)
    kept = set(metadata.get("keep_bindings", []))
    return out + [b for b in before.values() if b["type"] in kept and b["name"] not in seen]


def reconcile_classes(script: Script, metadata, modules, bindings, exports: bool):
    """The Durable Object classes after the upload. `exports` is whether the account knows more than migrations."""
    reconciled = {name: [] for name in RECONCILED}
    classes = dict(script.classes)
    key = lambda name: f"{script.name}-{name}"  # noqa: E731
    if "exports" in metadata and "migrations" in metadata:
        raise Refused(400, 10021, "exports and migrations exclude each other")
    if "exports" in metadata:
        if not exports:
            raise Refused(400, 10021, "metadata.exports is not available to this account")
        for name, entry in metadata["exports"].items():
            if entry.get("type") != "durable-object":
                continue
            state = entry.get("state")
            if state == "deleted":
                if classes.pop(name, None):
                    reconciled["deleted"].append(name)
            elif state == "renamed":
                if name in classes:
                    classes[entry["renamed_to"]] = classes.pop(name)
                    reconciled["renamed"].append({"from": name, "to": entry["renamed_to"]})
            elif name not in classes:
                if entry.get("storage") != "sqlite":
                    raise Refused(400, 10097, "In order to use Durable Objects with a free plan, use sqlite.")
                classes[name] = key(name)
                reconciled["created"].append(name)
        gone = [name for name in classes if name not in metadata["exports"]]
        if gone:
            raise Refused(400, 100402, "exports reconciliation failed", {"details": [
                {"class": name, "scenario": "missing", "message": "the class has objects and no entry"}
                for name in gone]})
    elif "migrations" in metadata:
        migrations = metadata["migrations"]
        if migrations.get("old_tag") != script.migration_tag:
            raise Refused(412, 10079, "migration tag precondition failed; current tag is "
                          f"{script.migration_tag}, expected {migrations.get('old_tag')}")
        for step in migrations.get("steps", [migrations]):
            if step.get("new_classes"):
                raise Refused(400, 10097, "In order to use Durable Objects with a free plan, use sqlite.")
            for name in step.get("new_sqlite_classes", []):
                if name in classes:
                    raise Refused(400, 10074, f"Cannot apply new-sqlite-class to {name}: it exists")
                classes[name] = key(name)
            for name in step.get("deleted_classes", []):
                classes.pop(name, None)
    code = b"\n".join(content for _, content in modules.values())
    for name in classes:
        if not re.search(rb"\bclass\s+" + re.escape(name.encode()) + rb"\b", code):
            raise Refused(400, 10070, f"Durable Object class {name} is not exported by the code.")
    for binding in bindings:
        if binding["type"] == "durable_object_namespace" and binding.get("class_name") not in classes:
            raise Refused(400, 10061, f"Cannot bind to class {binding.get('class_name')}: it is not provisioned")
    return reconciled, classes


def _normalize(path: str):
    out = []
    for part in path.split("/"):
        if part == "..":
            out.pop()
        elif part not in (".", ""):
            out.append(part)
    return out
