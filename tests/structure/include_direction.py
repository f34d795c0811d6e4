#!/usr/bin/env python3
"""Checks that includes go one way: between the folders, and between the rooms within a folder.

Usage: include_direction.py <source directory>
"""
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

# Each folder, and the folders that it may include besides itself.
FOLDERS = {
    "domain": "",
    "messages": "domain",
    "auth": "domain",
    "outbound": "domain",
    "tracing": "domain outbound",
    "transport": "domain messages",
    "persistence": "domain messages",
    "actors": "domain messages outbound tracing functions brokers",
    "proto": "",
    "functions": "domain",
    "brokers": "domain outbound",
    "doors": "domain brokers",
    "gateway": "domain messages auth tracing transport doors functions",
    "scenarios": "domain outbound",
    "shell": "domain messages transport",
    "psp": "domain messages transport outbound",
    "bench": "domain transport outbound",
    "nodes": "domain messages auth outbound tracing transport doors persistence functions brokers actors gateway scenarios shell bench psp",
}

# Within a folder: each room, and the rooms that it may include besides itself. A room is a folder, or a file that lies
# directly in the folder (`store` is store.hpp and store.cpp); "." stands for the other files there.
ROOMS = {
    "domain": {
        "octets": "",
        "base": "octets",
        "json": "base",
        "text": "base",
        "order": "base json text",
        "order_view": "base json text order",
        "follower": "base",
        "webhook": "base json octets follower",
        "bulk": "base json order",
        "function": "base json octets text order",
        "sink": "base follower",
        "diagnosis": "base json text order order_view .",
        ".": "base json text order order_view webhook bulk function sink",
    },
    "messages": {
        "abandon": "",
        "common": "",
        "inspect": "",
        "cluster": "common",
        "functions": "common",
        "journal": "common functions",
        "sinks": "common journal",
        "order": "common journal",
        ".": "common journal",
        "type_ids": "abandon common inspect cluster functions sinks journal order .",
        "failures": "type_ids",
        "actors": "abandon journal type_ids",
        "functions/function_actors": "actors",
        "sinks/sink_actors": "actors",
    },
    "outbound": {
        "http_url": "",
        "address_policy": "",
        "tools": "",
        "http_messages": "http_url address_policy",
        "http": "address_policy http_messages",
        "http_client": "http_messages http",
        ".": "http_messages http http_client",
    },
    "transport": {
        "security": "",
        "sessions": "security",
        "connector": "sessions",
        "transport": "security sessions connector",
        ".": "transport",
    },
    "persistence": {
        "files": "",
        "faults": "",
        "trouble": "files",
        "log": "",
        "search": "",
        "database": "faults files trouble log search",
        "rows": "log database",
        "store": "log database",
        "presence": "database store",
        "journal": "faults trouble log search database rows store",
        "queries": "trouble log search database rows store journal",
        "readers": "trouble log database rows store journal queries",
        "retention": "log database rows store journal queries",
        "audit": "files trouble log database rows store journal queries",
        "backup": "files trouble log database store queries audit",
    },
    "actors": {
        "support": "",
        "deadlines": "",
        "entity": "deadlines support",
        "order": "deadlines entity support",
        "stock": "entity support",
        "payment": "entity support",
        "delivery": "deadlines entity support",
        "accounts": "entity support",
        "follower": "entity support",
        "webhooks": "entity follower support",
        "feed": "entity support",
        "audit": "entity support",
        "bulk": "entity order support",
        "functions": "entity follower support",
        "sinks": "entity follower support",
    },
    "gateway": {
        "trusted_proxies": "",
        "config": "trusted_proxies",
        "scenario_service": "",
        "services": "scenario_service",
        "http": "config",
        "metrics": "",
        "limits": "config trusted_proxies http",
        "context": "config services scenario_service http limits",
        "auth": "config http limits context",
        "events": "config http limits context",
        "pages": "config http limits context auth",
        "streams": "config http limits context auth events",
        "routes": "config services scenario_service http limits context auth events pages",
        "routes/orders": "config http limits context auth events routes",
        "routes/bulk": "config http limits context auth events routes routes/orders",
        "routes/products": "config http limits context auth events routes routes/orders",
        "routes/accounts": "config http limits context auth events routes routes/orders",
        "routes/delivery": "config http limits context auth events routes routes/orders routes/accounts",
        "routes/follower": "config http limits context auth events routes",
        "routes/webhooks": "config http limits context auth events routes routes/orders routes/follower",
        "routes/sinks": "config http limits context auth events routes routes/follower",
        "routes/functions": "config http limits context auth events routes",
        "routes/events": "config http limits context auth events routes routes/orders",
        "routes/rpc": "config http limits context auth events routes routes/orders",
        "routes/operations": "config services scenario_service http metrics limits context auth events pages routes",
        "transport": "config services trusted_proxies http limits context auth events streams routes",
        "calls": "config trusted_proxies http limits context auth events streams routes transport",
        ".": "config services scenario_service trusted_proxies http limits context auth events pages streams routes transport calls",
    },
    "nodes": {
        "process": "",
        "options": "process",
        "accounts": "process options",
        "membership": "process options",
        "cluster": "process options membership",
        "control": "process options membership cluster",
        "wiring": "process options accounts membership cluster control",
        "backup": "process options wiring",
        ".": "process options accounts membership cluster control wiring backup",
    },
    "doors": {
        "rpc": "",
        "grpc": "",
        "sources": "",
    },
    "functions": {
        "limits": "",
        "meter": "limits",
        "call_state": "limits meter",
        "allocation": "call_state",
        "values": "call_state limits",
        "library": "limits meter call_state values",
        "sandbox": "limits meter call_state allocation values library",
        "built_in": "",
    },
    "brokers": {
        "settings": "",
        "queue_address": "",
        "publisher": "settings",
        "consumer": "settings queue_address",
        "connecting": "settings",
        "tls": "",
        "kafka": "settings publisher connecting tls",
        "rabbitmq": "settings publisher consumer connecting tls",
        "redis": "settings publisher consumer connecting tls",
        "make_publisher": "publisher kafka rabbitmq redis",
        "make_consumer": "consumer rabbitmq redis",
    },
    "scenarios": {
        "story": "",
        ".": "story",
    },
    "shell": {
        "hooks": "",
        "node_connection": "",
        "terminal": "",
        "syntax": "",
        "views": "syntax",
        "run": "hooks node_connection syntax views",
        "shell": "hooks node_connection terminal syntax views run",
    },
    "bench": {
        ".": "",
        "workloads": ".",
        "bench_main": "workloads .",
    },
}

INCLUDE = re.compile(r'#include "([^"]+)"')


def circle_in(table):
    """The names of a circle in a table of names and what they may include; None when there is none."""
    try:
        TopologicalSorter({name: allowed.split() for name, allowed in table.items()}).prepare()
        return None
    except CycleError as error:
        return " <- ".join(error.args[1])


def room_of(path, rooms):
    """The row of `rooms` that stands for a path relative to its folder."""
    parts = path.with_suffix("").parts
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in rooms:
            return name
    return "." if len(parts) == 1 and "." in rooms else "/".join(parts[:-1]) or parts[0]


def violation_of(source, included):
    """Why the file `source` must not include `included` (paths from the root); None when it may."""
    folder, other = source.parts[0], included.parts[0]
    if other not in FOLDERS:
        return f'"{included}" is no path from the root'
    if other != folder:
        return None if other in FOLDERS[folder].split() else f"{folder} must not include {other}"
    rooms = ROOMS.get(folder)
    if rooms is None:
        return None
    room, other_room = (room_of(path.relative_to(folder), rooms) for path in (source, included))
    if room not in rooms:
        return f"the room {folder}/{room} has no row in include_direction.py"
    if room == other_room or other_room in rooms[room].split():
        return None
    return f"{folder}/{room} must not include {folder}/{other_room} ({included})"


def main(root):
    violations = []
    for name, table in {"the folders": FOLDERS, **ROOMS}.items():
        if circle := circle_in(table):
            violations.append(f"include_direction.py: circle in the table of {name}: {circle}")
    for folder in sorted(path.parent.name for path in root.glob("*/CMakeLists.txt")):
        if folder not in FOLDERS and folder != "tests":
            violations.append(f"{folder}: the folder has no row in include_direction.py")
        elif folder in FOLDERS and folder not in ROOMS and any(file.parent.parent != root
                                                               for file in (root / folder).rglob("*.[ch]pp")):
            violations.append(f"{folder}: the folder has rooms, and no table in include_direction.py")
    looked_at = 0
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*.[ch]pp")):
            source = file.relative_to(root)
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if match := INCLUDE.match(line):
                    looked_at += 1
                    if why := violation_of(source, Path(match[1])):
                        violations.append(f"{source}:{number}: {why}")
    print(*violations, sep="\n", end="\n" if violations else "")
    if looked_at == 0:
        print(f"no includes found: is {root} the source directory?")
    print(f"{looked_at} includes looked at, {len(violations)} violations")
    return 1 if violations or looked_at == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
