#!/usr/bin/env python3
"""Turns a document from YAML into JSON: yaml_to_json.py <in.yaml> <out.json> [<version>]

Reads YAML as its version 1.2 and JSON have it: `no` and `2026-11-21` are text, and a name comes once in a mapping. The
version, if given, takes the place of info.version.
"""

import json
import re
import sys

import yaml


class Loader(yaml.SafeLoader):
    """The core schema of YAML 1.2, without what JSON cannot say."""

    yaml_implicit_resolvers = {}

    def compose_mapping_node(self, anchor):
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"'{key.value}' comes twice", key.start_mark)
            seen.add(key.value)
        return node


for tag, pattern, first in (
    ("bool", r"^(true|false)$", "tf"),
    ("null", r"^(null|)$", ["n", ""]),
    ("int", r"^-?(0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
    ("merge", r"^<<$", "<"),
):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


def load(path):
    with open(path, encoding="utf-8") as text:
        return yaml.load(text, Loader)


def main():
    source, target, *version = sys.argv[1:]
    try:
        document = load(source)
    except yaml.YAMLError as error:
        sys.exit(f"{source}: {error}")
    if version:
        document["info"]["version"] = version[0]
    with open(target, "w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
