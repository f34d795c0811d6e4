#!/usr/bin/env python3
"""Writes waybill/types.py from gateway/openapi.yaml: make_types.py [--check]

With --check it writes nothing, and fails when the file is not what it would write. Needs PyYAML; the library itself does not.
"""
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "gateway" / "openapi.yaml"
TARGET = HERE / "waybill" / "types.py"

# What the library takes and gives; whatever these contain comes along.
ROOTS = {name: f"#/components/schemas/{name}" for name in (
    "NewOrder", "Order", "Payment", "Refunds", "OrderDelivery", "Product", "Courier", "Delivery", "Notification", "Event", "User",
    "Session", "ServiceKey", "WebhookEndpoint", "WebhookEndpointWithSecret", "WebhookTestResult")}
ROOTS["ServiceKeyWithToken"] = "#/paths/~1v1~1service-keys/post/responses/201/content/application~1json/schema"

HEAD = '''"""What Waybill takes and gives, as it is in JSON. Made by make_types.py from gateway/openapi.yaml; do not change it.

Later versions of Waybill add members, and words to the texts whose words are listed here: neither is an error.
"""
from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Optional, Tuple, TypedDict
'''

SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


class Maker:
    def __init__(self, document):
        self.document = document
        self.classes = {}

    def follow(self, ref):
        node = self.document
        for step in ref[2:].split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
        return node

    def type_of(self, schema, name):
        """The type of a value; `name`: of the class that is made when the value is an object that has no name of its own."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.type_of(self.follow(schema["$ref"]), name)
        if "oneOf" in schema:
            kinds = [self.type_of(one, name) for one in schema["oneOf"]]
            return optional(kinds)
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list):
            return optional([SIMPLE[one] for one in kind])
        if "const" in schema:
            return type(schema["const"]).__name__
        if kind == "array":
            return f"List[{self.type_of(schema['items'], name.removesuffix('s'))}]"
        if kind == "object" and "properties" in schema:
            self.make_class(name, schema)
            return name
        return "Dict[str, Any]" if kind == "object" else SIMPLE[kind]

    def words_of(self, schema):
        if "$ref" in schema:
            return self.words_of(self.follow(schema["$ref"]))
        return [str(word) for word in schema.get("x-extensible-enum", []) if word is not None]

    def make_class(self, name, schema):
        if name in self.classes:
            return
        self.classes[name] = []  # Keeps its place behind those that it needs, and ends a circle.
        required = set(schema.get("required", []))
        members = []
        for member, value in schema["properties"].items():
            kind = self.type_of(value, name + "".join(part.capitalize() for part in member.split("_")))
            members.append((member in required, member, kind, self.words_of(value)))
        lines = []
        always = [one for one in members if one[0]]
        sometimes = [one for one in members if not one[0]]
        if always and sometimes:
            lines += class_of(f"_{name}Always", "TypedDict", always) + class_of(name, f"_{name}Always, total=False", sometimes)
        else:
            lines += class_of(name, "TypedDict" if always else "TypedDict, total=False", members)
        del self.classes[name]
        self.classes[name] = lines

    def keyed_routes(self):
        """The requests that may have an Idempotency-Key."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and any(one.get("$ref", "").endswith("/IdempotencyKey")
                                                       for one in operation.get("parameters", [])):
                    yield method.upper(), path


def optional(kinds):
    """Of several types; None is one of them, or there is one."""
    others = [kind for kind in kinds if kind != "None"]
    if len(others) != 1:
        raise SystemExit(f"make_types.py: a value of several types: {kinds}")
    return others[0] if len(others) == len(kinds) else f"Optional[{others[0]}]"


def class_of(name, bases, members):
    lines = ["", "", f"class {name}({bases}):"]
    for _, member, kind, words in members:
        if words:
            lines.append(f"    #: {', '.join(words)}")
        lines.append(f"    {member}: {kind}")
    return lines


def make():
    maker = Maker(yaml.safe_load(DOCUMENT.read_text()))
    for name, ref in ROOTS.items():
        maker.type_of(maker.follow(ref), name)
    lines = [line for lines in maker.classes.values() for line in lines]
    routes = [f'    ("{method}", "{path}"),' for method, path in maker.keyed_routes()]
    lines += ["", "", "#: The requests that an Idempotency-Key makes safe to repeat: method and path.",
              "KEYED_ROUTES: FrozenSet[Tuple[str, str]] = frozenset({", *routes, "})"]
    return HEAD + "\n".join(lines) + "\n"


def main():
    text = make()
    if sys.argv[1:] != ["--check"]:
        TARGET.write_text(text)
    elif TARGET.read_text() != text:
        sys.exit("waybill/types.py is not what gateway/openapi.yaml says: run clients/python/make_types.py")


if __name__ == "__main__":
    main()
