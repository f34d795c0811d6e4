#!/usr/bin/env python3
"""Writes the tables of docs/grpc.md from proto/ and gateway/openapi.yaml, or checks that they are up to date.

Usage: grpc_table.py [--check]

Fails when a method stands for a route that the HTTP API does not have, or when a field or a word of the one is missing in the
other.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import yaml
from google.protobuf import descriptor_pb2

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/grpc.md"
BEGIN, END = "<!-- by scripts/grpc_table.py: {} -->", "<!-- end -->"
# proto/waybill/v1/options.proto
ROUTE, HEADER, WHOLE = 50410, 50411, 50412
ANY_STATUS = {"400", "401", "403", "429", "500", "503"}
# The type of a body, which the door writes itself.
NOT_POSSIBLE = {"415"}
# What has no field: a method that stands for a route does not offer these.
LEFT_OUT = {
    "ListOrders": {"waits_for", "retrying"},
    "SubscribeEvents": {"Last-Event-ID"},
    "WatchOrder": {"Last-Event-ID", "type", "stream", "customer"},
    "StreamNotifications": {"Last-Event-ID", "stream", "order"},
}
RIGHTS = {
    "everybody": "everybody", "user": "signed in", "owner": "own; operator: all", "customer": "customer",
    "courier": "courier, for what is theirs; operator: all", "operator": "operator", "admin": "admin",
}


def read_protos():
    """The files of proto/waybill, and the value of an option of a descriptor by its number."""
    files = [str(path.relative_to(ROOT / "proto")) for path in sorted((ROOT / "proto/waybill").rglob("*.proto"))]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", f"--proto_path={ROOT}/proto", f"--descriptor_set_out={out.name}", *files], check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes()).file


def option(of, number):
    """An extension that this program has no class for lies among the unknown fields, by its number."""
    octets, at = of.options.SerializeToString(), 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            value |= (octets[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if not octets[at - 1] & 128:
                return value

    while at < len(octets):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        else:
            size = varint()
            value, at = octets[at:at + size].decode(), at + size
        if tag >> 3 == number:
            return value
    return None


class Api:
    """gateway/openapi.yaml with its references resolved."""

    def __init__(self):
        self.document = yaml.safe_load((ROOT / "gateway/openapi.yaml").read_text())

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/")]
            node = found
        return node

    def operation(self, route):
        verb, path = route.split("?")[0].split(" ")
        for known, item in self.document["paths"].items():
            if re.sub(r"\{[^}]*\}", "{}", known) == re.sub(r"\{[^}]*\}", "{}", path) and verb.lower() in item:
                return item, item[verb.lower()]
        return None, None

    def parameters(self, item, operation):
        return {self.resolve(one)["name"] for one in [*item.get("parameters", []), *operation.get("parameters", [])]
                if self.resolve(one)["in"] != "path"}

    def body(self, operation):
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        return self.resolve(content["application/json"]["schema"]) if "application/json" in content else None

    def answer(self, operation):
        for status in ("200", "201", "202"):
            content = self.resolve(operation["responses"].get(status, {})).get("content", {})
            if "application/json" in content:
                return self.resolve(content["application/json"]["schema"])
        return None

    def properties(self, schema):
        schema = self.resolve(schema)
        known = dict(schema.get("properties", {}))
        for part in [*schema.get("allOf", []), *schema.get("oneOf", [])]:
            known |= self.properties(part)
        return known


class Table:
    def __init__(self):
        self.api, self.wrong, self.rows = Api(), [], []
        files = read_protos()
        self.types, self.enums = {}, {}
        for file in files:
            self._collect(f".{file.package}", file.message_type, file.enum_type)
        for file in files:
            for service in file.service:
                for method in service.method:
                    self._method(service, method)

    def _collect(self, scope, messages, enums):
        for message in messages:
            self.types[f"{scope}.{message.name}"] = message
            self._collect(f"{scope}.{message.name}", message.nested_type, message.enum_type)
        for enum in enums:
            self.enums[f"{scope}.{enum.name}"] = enum

    def _method(self, service, method):
        route = option(method, ROUTE)
        item, operation = self.api.operation(route or "none none")
        if operation is None:
            self.wrong.append(f"{method.name}: there is no route {route}")
            return
        if not method.client_streaming:
            self._compare(method, route, item, operation)
        self.rows.append((f"{service.name}.{method.name}", route.split("?")[0], RIGHTS[operation["x-access"]],
                          {one for one in operation["responses"] if one[0] in "45"} - NOT_POSSIBLE | ANY_STATUS))

    def _compare(self, method, route, item, operation):
        request, response = self.types[method.input_type], self.types[method.output_type]
        in_path = set(re.findall(r"\{(\w+)\}", route))
        headers = {option(field, HEADER) for field in request.field} - {None}
        members = {field.name: field for field in request.field if not option(field, HEADER) and field.name not in in_path}
        body = self.api.body(operation)
        offered = headers if body is not None else headers | set(members)
        if body is not None:
            self._fields(f"{method.name}'s body", members, self.api.properties(body))
        in_query = {part.split("=")[0] for part in route.partition("?")[2].split("&")} - {""}
        known = self.api.parameters(item, operation) - {"If-None-Match"}
        left_out = LEFT_OUT.get(method.name, set())
        for name in offered - known:
            self.wrong.append(f"{method.name}: the route has no {name}")
        for name in known - offered - in_query - left_out:
            self.wrong.append(f"{method.name}: no field for {name}")
        answer = self.api.answer(operation)
        if answer is None or method.server_streaming:
            return
        whole = [field for field in response.field if option(field, WHOLE)]
        fields = {one.name: one for one in (self.types[whole[0].type_name].field if whole else response.field)
                  if not option(one, HEADER)}
        self._fields(f"{method.name}'s answer", fields, self.api.properties(answer))

    def _fields(self, where, fields, properties):
        """Both must have the same names, and below them the same again; the words of an enum, too."""
        for name in fields.keys() ^ properties.keys():
            self.wrong.append(f"{where}: {name} is on one side only")
        for name in fields.keys() & properties.keys():
            field, schema = fields[name], self.api.resolve(properties[name])
            if field.label == field.LABEL_REPEATED:
                schema = self.api.resolve(schema.get("items", schema))
            if field.type == field.TYPE_MESSAGE and field.type_name in self.types:
                self._fields(f"{where}.{name}", {one.name: one for one in self.types[field.type_name].field},
                             self.api.properties(schema))
            elif field.type == field.TYPE_ENUM:
                self._words(f"{where}.{name}", self.enums[field.type_name], schema)

    def _words(self, where, enum, schema):
        prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
        ours = {value.name.removeprefix(prefix).lower() for value in enum.value if value.number}
        theirs = set(schema.get("x-extensible-enum") or schema.get("enum") or [])
        if ours != theirs:
            self.wrong.append(f"{where}: the words {sorted(ours ^ theirs)} are on one side only")

    def methods(self):
        lines = ["| method | route | who | problems |", "|---|---|---|---|"]
        for name, route, who, statuses in self.rows:
            others = ", ".join(sorted(statuses - ANY_STATUS))
            lines.append(f"| `{name}` | `{route}` | {who} | {others} |")
        return "\n".join(lines)

    def codes(self):
        """Each word of a problem with its status in HTTP, and the code of gRPC by doors/grpc/status.cpp."""
        source = (ROOT / "doors/grpc/status.cpp").read_text()
        body = re.search(r"StatusCode code_of\(.*?\n}\n", source, re.DOTALL)[0]
        by_status, waiting = {}, []
        for case, code in re.findall(r"case (\d+):|return (?:may_pass \? )?StatusCode::(\w+)", body):
            if case:
                waiting.append(case)
            elif waiting:
                by_status |= dict.fromkeys(waiting, code)
                waiting = []
        may_pass = re.findall(r'code == "(\w+)"', body)
        described = yaml.safe_dump(self.api.document["components"]["schemas"]["ProblemCode"])
        words = re.findall(r"- (\w+)\n", described)
        statuses = {"validation_failed": ("400", "422"), "invalid_json": ("400",), "unauthenticated": ("401",), "forbidden": ("403",),
                    "not_found": ("404",), "illegal_transition": ("409",), "conflict": ("409",), "insufficient_stock": ("409",),
                    "idempotency_in_progress": ("409",), "cursor_expired": ("410",), "version_mismatch": ("412",),
                    "payload_too_large": ("413",), "idempotency_key_reused": ("422",), "rate_limited": ("429",),
                    "overloaded": ("503",), "unavailable": ("503",), "internal": ("500",)}
        lines = ["| `reason` of ErrorInfo | HTTP | gRPC |", "|---|---|---|"]
        for word, known in statuses.items():
            if word not in words:
                self.wrong.append(f"the HTTP API has no problem {word}")
            codes = {"FAILED_PRECONDITION" if one == "409" and word not in may_pass else by_status.get(one, "INTERNAL")
                     for one in known}
            lines.append(f"| `{word.upper()}` | {', '.join(known)} | `{', '.join(sorted(codes))}` |")
        return "\n".join(lines)


def main():
    table = Table()
    text = DOCUMENT.read_text()
    made = text
    for name, rows in (("methods", table.methods()), ("codes", table.codes())):
        begin = BEGIN.format(name)
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(END), re.DOTALL)
        if not pattern.search(made):
            sys.exit(f"docs/grpc.md has no place for the {name}: {begin}")
        made = pattern.sub(lambda _: f"{begin}\n\n{rows}\n\n{END}", made)
    print(*table.wrong, sep="\n", end="\n" if table.wrong else "")
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(made)
    elif made != text:
        print("docs/grpc.md is not up to date: run scripts/grpc_table.py")
        return 1
    return 1 if table.wrong or not table.rows else 0


if __name__ == "__main__":
    sys.exit(main())
