#!/usr/bin/env python3
"""Makes the inputs that a target starts from out of testdata/: seeds.py TARGET FOLDER."""

import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LARGEST = 8192


def texts():
    """The files of testdata that are not large, each once."""
    known = set()
    for path in sorted((ROOT / "testdata").rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
            data = path.read_bytes()
            if data not in known:
                known.add(data)
                yield data


def vectors():
    """The recorded answers of the operator: configuration and pod."""
    for path in sorted((ROOT / "testdata/vectors").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield json.loads(line)


def choices(data):
    """Bytes that look random and are the same each time."""
    return hashlib.sha256(data).digest() + hashlib.sha256(data + b"2").digest()


def configurations():
    """Configurations with the values of a pod: its namespace, a label and annotations."""
    keys = [line.split('"')[1] for line in annotations()]
    for case in vectors():
        pod = case["pod"]["metadata"]
        own = pod.get("annotations") or {}
        label = next(iter((pod.get("labels") or {}).values()), "")
        values = [case["namespace"], label] + [str(own.get(key, "")) for key in keys]
        yield "\0".join([json.dumps(case["config"])] + values).encode()
    for data in texts():
        if data.lstrip()[:1] in (b"{", b"[") or b"{fieldRef" in data:
            yield data


def annotations():
    """The lines of the list of annotations that the check gives values to."""
    source = (ROOT / "tests/checks/configuration.rs").read_text()
    block = source.split("pub const ANNOTATIONS", 1)[1].split("];", 1)[0]
    return [line for line in block.splitlines() if line.strip().startswith('"')]


def pods():
    """The pods of the recorded answers, in JSON."""
    for case in vectors():
        yield json.dumps(case["pod"], indent=2).encode()


def seeds(target):
    if target == "configuration":
        yield from configurations()
    elif target == "edits":
        for data in texts():
            yield data + b"\0" + choices(data)
    elif target == "parsers":
        yield from texts()
    else:
        yield from texts()
        yield from pods()


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(target):
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


main()
