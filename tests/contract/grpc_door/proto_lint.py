#!/usr/bin/env python3
"""Lints proto/ by the rules STANDARD and COMMENTS of buf (https://buf.build/docs/lint/rules): proto_lint.py <source folder>

First it must find what is planted in a file that breaks every rule.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")
CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
# Numbers of descriptor.proto: the parts of a file, of a message, and so on.
MESSAGES, ENUMS, SERVICES = 4, 5, 6
NESTED, INNER_ENUMS, FIELDS, METHODS = 3, 4, 2, 2
# Of others, whose rules are theirs.
FOREIGN = "google/"

PLANTED = """syntax = "proto3";
package planted;
enum color { RED = 0; }
message thing { int32 Size = 1; }
service Things { rpc look(thing) returns (thing) {} }
"""
FOUND = ["no version", "lies in", "color: no name of an enum", "RED: not begin with COLOR_", "RED: not end with _UNSPECIFIED",
         "thing: no name of a message", "Size: no name of a field", "Things: not end with Service", "look: no name of a method",
         "look: not take lookRequest", "look: not return lookResponse", "thing: no comment", "Things: no comment",
         "look: no comment", "color: no comment", "thing: in more than one method"]


def to_capitals(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


class Lint:
    def __init__(self, files):
        self.violations, self.used = [], {}
        for file in files:
            if not file.name.startswith(FOREIGN):
                self.file(file)
        for name, count in self.used.items():
            if count > 1:
                self.complain(name, "in more than one method")

    def complain(self, name, what):
        self.violations.append(f"{name}: {what}")

    def file(self, file):
        self.comments = {tuple(one.path) for one in file.source_code_info.location if one.leading_comments.strip()}
        if file.syntax != "proto3":
            self.complain(file.name, "not proto3")
        if not re.search(r"\.v[1-9][0-9]*$", file.package):
            self.complain(file.name, f"the package {file.package} has no version")
        if str(pathlib.Path(file.name).parent) != file.package.replace(".", "/") or len(pathlib.Path(file.name).parts) == 1:
            self.complain(file.name, f"the package {file.package} lies in another folder than its name says")
        if not SNAKE.fullmatch(pathlib.Path(file.name).stem):
            self.complain(file.name, "no name of a file")
        for i, message in enumerate(file.message_type):
            self.message(message, (MESSAGES, i))
        for i, enum in enumerate(file.enum_type):
            self.enum(enum, (ENUMS, i))
        for i, service in enumerate(file.service):
            self.service(service, (SERVICES, i))

    def name(self, form, what, name, path):
        if not form.fullmatch(name):
            self.complain(name, f"no name of {what}")
        if path and path not in self.comments:
            self.complain(name, "no comment")

    def message(self, message, path):
        if message.options.map_entry:
            return
        self.name(PASCAL, "a message", message.name, path)
        for field in message.field:
            self.name(SNAKE, "a field", field.name, None)
        for i, inner in enumerate(message.nested_type):
            self.message(inner, (*path, NESTED, i))
        for i, enum in enumerate(message.enum_type):
            self.enum(enum, (*path, INNER_ENUMS, i))

    def enum(self, enum, path):
        self.name(PASCAL, "an enum", enum.name, path)
        prefix = to_capitals(enum.name) + "_"
        for value in enum.value:
            self.name(CAPITALS, "a value", value.name, None)
            if not value.name.startswith(prefix):
                self.complain(value.name, f"not begin with {prefix}")
            if value.number == 0 and not value.name.endswith("_UNSPECIFIED"):
                self.complain(value.name, "not end with _UNSPECIFIED")
        if enum.options.allow_alias:
            self.complain(enum.name, "two names of one value")

    def service(self, service, path):
        self.name(PASCAL, "a service", service.name, path)
        if not service.name.endswith("Service"):
            self.complain(service.name, "not end with Service")
        for i, method in enumerate(service.method):
            self.name(PASCAL, "a method", method.name, (*path, METHODS, i))
            for kind, given, wanted in (("take", method.input_type, "Request"), ("return", method.output_type, "Response")):
                given = given.split(".")[-1]
                self.used[given] = self.used.get(given, 0) + 1
                if given != method.name + wanted:
                    self.complain(method.name, f"not {kind} {method.name}{wanted}")


def violations_in(folder):
    files = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.proto"))]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", f"--proto_path={folder}", "--include_source_info", f"--descriptor_set_out={out.name}", *files],
                       check=True)
        described = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes())
    return files, Lint(described.file).violations


def main():
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "planted.proto").write_text(PLANTED)
        planted = violations_in(pathlib.Path(folder))[1]
        for wanted in FOUND:
            if not any(wanted in one for one in planted):
                sys.exit(f"the planted violation '{wanted}' was not found in {planted}")
    files, violations = violations_in(pathlib.Path(sys.argv[1]) / "proto")
    print(*violations, sep="\n", end="\n" if violations else "")
    print(f"{len(files)} files looked at, {len(violations)} violations")
    return 1 if violations or not files else 0


if __name__ == "__main__":
    sys.exit(main())
