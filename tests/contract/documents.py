"""The API documents, and what they say about an answer.

`Contract` holds one exchange against gateway/openapi.yaml, one frame of a WebSocket or event against
gateway/asyncapi.yaml. Each check gives sentences about what is wrong; none means that it is as documented.
"""

import json
import pathlib
import re
import sys
import urllib.parse

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import yaml_to_json  # noqa: E402

METHODS = ("get", "put", "post", "delete", "patch")
JSON_TYPES = ("application/json", "application/problem+json", "application/jwk-set+json")

formats = jsonschema.FormatChecker(formats=[])


@formats.checks("date-time")
def is_time(value):
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
    return not isinstance(value, str) or re.fullmatch(pattern, value) is not None


def first_line(text):
    return text.split("\n", 1)[0]


def close_enums(node):
    """What clients must expect to grow is all that this version says."""
    if isinstance(node, dict):
        if "x-extensible-enum" in node:
            node["enum"] = node["x-extensible-enum"]
        for part in node.values():
            close_enums(part)
    elif isinstance(node, list):
        for part in node:
            close_enums(part)


class Document:
    """One document and the validators of its schemas."""

    def __init__(self, name):
        self.tree = yaml_to_json.load(ROOT / "gateway" / name)
        close_enums(self.tree)
        self.resolver = jsonschema.RefResolver("", self.tree)
        self.validators = {}

    def follow(self, node):
        """What a reference stands for."""
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def errors(self, schema, value):
        key = id(schema)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                schema, resolver=self.resolver, format_checker=formats)
        for error in self.validators[key].iter_errors(value):
            # Of alternatives, the one that was meant: the deepest error says most.
            deepest = jsonschema.exceptions.best_match([error])
            where = "/".join(str(part) for part in deepest.absolute_path)
            yield f"/{where}: {first_line(deepest.message)[:200]}"

    def unused_components(self):
        text = json.dumps(self.tree)
        for kind, members in self.tree["components"].items():
            for name in members:
                used = f'"#/components/{kind}/{name}"' in text
                if not used and kind != "securitySchemes":
                    yield f"{kind}/{name}"


class Contract:
    def __init__(self):
        self.http = Document("openapi.yaml")
        self.events = Document("asyncapi.yaml")
        # Looked up by type instead of tried one after the other.
        kinds = self.events.tree["components"]["schemas"]["Event"].pop("oneOf")
        self.kinds = {schema["properties"]["type"]["const"]: schema for schema in map(self.events.follow, kinds)}
        self.paths = [(template, template.strip("/").split("/"), item)
                      for template, item in self.http.tree["paths"].items()]
        every = self.http.tree["x-every-response"]
        self.required_headers = {name.lower(): value for name, value in every["required"].items()}
        self.known_headers = {name.lower() for name in every["optional"]} | set(self.required_headers)
        self.any_request = self.http.tree["x-any-request"]
        self.answered = set()

    # -- requests

    def find_path(self, target):
        """The template and the item of a path; of several the one with the most words spelt out, as the router does."""
        path = urllib.parse.urlsplit(target).path
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        best = None
        for template, pattern, item in self.paths:
            fits = (len(pattern) == len(parts) or item.get("x-below") and len(pattern) < len(parts)) and all(
                part if word.startswith("{") else word == part for word, part in zip(pattern, parts))
            if fits and (best is None or template.count("{") < best[0].count("{")):
                best = (template, item)
        return best or (None, None)

    def check_request(self, operation, item, exchange):
        """A request that was served holds nothing undocumented."""
        documented = item.get("parameters", []) + operation.get("parameters", [])
        parameters = [self.http.follow(parameter) for parameter in documented]
        queries = {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
        for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(exchange["target"]).query):
            if name not in queries:
                yield f"the parameter '{name}' was taken and is not documented"
        body = operation.get("requestBody")
        media = exchange["request_type"].split(";")[0].strip().lower()
        if body and exchange["request_body"] and media:
            content = self.http.follow(body)["content"]
            if media not in content:
                yield f"a body of type {media} was taken and is not documented"
                return
            if media not in JSON_TYPES + ("application/merge-patch+json",):
                return
            for error in self.http.errors(content[media]["schema"], json.loads(exchange["request_body"])):
                yield "the body was taken, but at " + error

    # -- answers

    def check_headers(self, documented, headers):
        for name, value in self.required_headers.items():
            if name not in headers:
                yield f"the header {name} is missing"
            elif value is not None and headers[name] != value:
                yield f"the header {name} is '{headers[name]}'"
        own = {name.lower(): self.http.follow(header) for name, header in documented.items()}
        for name, header in own.items():
            if name in headers:
                for error in self.http.errors(header["schema"], headers[name]):
                    yield f"the header {name}: {error}"
            elif header.get("required"):
                yield f"the header {name} is missing"
        for name in headers:
            if name not in own and name not in self.known_headers:
                yield f"the header {name} is not documented"

    def check_body(self, content, exchange, headers, bodiless):
        media = headers.get("content-type", "").split(";")[0]
        if not content:
            if exchange["body"]:
                yield "there is a body, and none is documented"
        elif media not in content:
            yield f"the type '{media}' is not documented"
        elif not bodiless and media in JSON_TYPES and "content-encoding" not in headers:
            try:
                value = json.loads(exchange["body"])
            except json.JSONDecodeError as error:
                yield f"the body is not JSON: {error}"
                return
            yield from self.http.errors(content[media]["schema"], value)
            yield from self.check_events(value)

    def check_response(self, response, exchange, bodiless):
        response = self.http.follow(response)
        headers = {name.lower(): value for name, value in exchange["headers"]}
        yield from self.check_headers(response.get("headers", {}), headers)
        yield from self.check_body(response.get("content", {}), exchange, headers, bodiless)

    def check_events(self, value):
        """Each event of a list is of a documented type, with the data of its type."""
        for item in value.get("items", []) if isinstance(value, dict) else []:
            if isinstance(item, dict) and "position" in item and "type" in item:
                yield from self.check_event(item)

    def check_event(self, event):
        if event["type"] not in self.kinds:
            yield f"the event {event['type']} is not documented"
            return
        for error in self.events.errors(self.kinds[event["type"]], event):
            yield f"event {event['type']}: {error}"

    def responses_for(self, method, target):
        """The possible answers, by status, and the operation if there is one."""
        if not method:
            return self.any_request, None, None
        template, item = self.find_path(target)
        operation = (item or {}).get("get" if method == "HEAD" else method.lower())
        if operation is None or method not in ("HEAD", *(known.upper() for known in METHODS)):
            return self.any_request, None, item
        self.answered.add((method, template))
        return {**self.any_request, **operation["responses"]}, operation, item

    def check_exchange(self, exchange):
        method, status = exchange["method"], str(exchange["status"])
        if method == "OPTIONS" and status == "204":
            yield from self.check_headers({"Allow": {"required": True, "schema": {"type": "string"}}},
                                          {name.lower(): value for name, value in exchange["headers"]})
            return
        if status == "100":
            # An interim answer (RFC 9110, 15.2).
            if exchange["headers"] or exchange["body"]:
                yield "100 comes with headers or a body"
            return
        allowed, operation, item = self.responses_for(method, exchange["target"])
        if not method and status not in allowed:
            # The request is not known: any documented answer of any operation is accepted.
            yield from self.check_headers({}, {name.lower(): value for name, value in exchange["headers"]
                                               if name.lower() in self.known_headers})
        elif status not in allowed:
            yield f"the status {status} is not documented"
        else:
            yield from self.check_response(allowed[status], exchange, method == "HEAD")
            if operation and status.startswith("2"):
                yield from self.check_request(operation, item, exchange)

    def check_frame(self, text):
        frame = json.loads(text)
        messages = self.events.tree["components"]["messages"]
        name = frame.get("type")
        if name not in messages:
            yield f"the frame '{name}' is not documented"
            return
        yield from self.events.errors(messages[name]["payload"], frame)
        if name == "event":
            yield from self.check_event(frame["event"])

    def operations(self):
        for template, _, item in self.paths:
            for method in METHODS:
                if method in item:
                    yield method.upper(), template
