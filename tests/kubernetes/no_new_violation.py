#!/usr/bin/env python3
"""Injected manifests are as valid as they were: no violation of the Kubernetes schemas is new.

usage: no_new_violation.py BEFORE AFTER [VERSION ...]

BEFORE is a folder with manifests, AFTER the same tree rewritten. Every Deployment, DaemonSet,
StatefulSet, Job, CronJob and Pod that has changed and that a schema exists for is checked in both;
a violation is where it is and which rule of the schema it breaks. PyYAML, a reader of YAML 1.1,
does the reading. Exits with 1 on a new violation, and where fewer than 100 objects were checked.
"""

import collections
import functools
import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import referencing
import yaml
from kubernetes_validate import utils

KINDS = {"Deployment", "DaemonSet", "StatefulSet", "Job", "CronJob", "Pod"}
AT_LEAST = 100


def load(path):
    """The objects of a file, the items of lists one by one."""
    text = path.read_text(encoding="utf-8")
    try:
        documents = [json.loads(text)]
    except json.JSONDecodeError:
        documents = list(yaml.safe_load_all(text))
    objects = []
    pending = collections.deque(documents)
    while pending:
        document = pending.popleft()
        if not isinstance(document, dict):
            continue
        if str(document.get("kind", "")).endswith("List") and isinstance(document.get("items"), list):
            pending.extend(document["items"])
        else:
            objects.append(document)
    return objects


@functools.lru_cache(maxsize=None)
def validator(kind, api_version, version):
    """The validator of a kind, or None where no schema for it exists."""
    wanted = utils.major_minor(version)
    found = [v for v in utils.all_versions() if utils.major_minor(v) <= wanted][-1]
    folder = f"kubernetes-json-schema/v{found}-local"
    group, _, name = api_version.rpartition("/")
    group = group.split(".")[0]
    file = f"{kind.lower()}-{group}-{name}" if group else f"{kind.lower()}-{name}"
    try:
        schema = utils.schema_contents(f"{folder}/{file}.json", version)
    except FileNotFoundError:
        return None
    definitions = utils.schema_contents(f"{folder}/_definitions.json", version)
    registry = referencing.Registry()
    for contents in (schema, definitions):
        resource = referencing.Resource.from_contents(
            contents, default_specification=referencing.jsonschema.DRAFT202012
        )
        registry = resource @ registry
    return jsonschema.validators.Draft202012Validator(schema, registry=registry)


def violations(check, value):
    return {
        (tuple(map(str, error.absolute_path)), error.validator)
        for error in check.iter_errors(value)
    }


def main():
    before, after = (pathlib.Path(argument) for argument in sys.argv[1:3])
    versions = sys.argv[3:] or [utils.all_versions()[-1]]
    checked, failures, unread = collections.Counter(), [], 0
    for path in sorted(after.rglob("*")):
        original = before / path.relative_to(after)
        if path.suffix not in {".yaml", ".yml", ".json"} or path.read_bytes() == original.read_bytes():
            continue
        try:
            old_objects = load(original)
        except yaml.YAMLError:
            unread += 1
            continue
        new_objects = load(path)
        if len(old_objects) != len(new_objects):
            failures.append(f"{path}: {len(old_objects)} objects became {len(new_objects)}")
            continue
        for old, new in zip(old_objects, new_objects):
            kind = old.get("kind")
            if kind not in KINDS or old == new:
                continue
            for version in versions:
                check = validator(kind, str(old.get("apiVersion", "")), version)
                if check is None:
                    continue
                checked[kind] += 1
                for place, rule in sorted(violations(check, new) - violations(check, old)):
                    failures.append(f"{path}: {kind}: {'.'.join(place)}: breaks `{rule}` ({version})")
    total = sum(checked.values())
    print(f"{total} objects checked against {', '.join(versions)}: {dict(checked)}; {unread} files not read")
    for failure in failures:
        print(failure)
    if total < AT_LEAST:
        print(f"fewer than {AT_LEAST} objects were checked")
    sys.exit(1 if failures or total < AT_LEAST else 0)


if __name__ == "__main__":
    main()
