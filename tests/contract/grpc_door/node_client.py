#!/usr/bin/env python3
"""A program in JavaScript uses a real node over gRPC: node_client.py <waybill binary> <source folder>. Skipped (77) where npm has
not delivered @grpc/grpc-js."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import nodes
import stubs
from nodes import check


def main():
    binary, root = sys.argv[1:]
    where = subprocess.run([f"{root}/scripts/npm.sh", "--where"], check=True, capture_output=True, text=True).stdout.strip()
    runner = shutil.which("node") or shutil.which("nodejs")
    if not runner or not (pathlib.Path(where) / "node_modules/@grpc/grpc-js").is_dir():
        print("skipped: @grpc/grpc-js is not there; scripts/setup.sh fetches it where npm works")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder, stubs.made(root):
        from shop import Shop
        at = nodes.Node(binary, pathlib.Path(folder) / "node")
        at.start()
        try:
            with at.channel() as channel:
                product = Shop(channel).new_product("tea-1")
            done = subprocess.run([runner, pathlib.Path(__file__).with_suffix(".mjs"), where, f"{root}/proto", at.address, product],
                                  capture_output=True, text=True, timeout=nodes.PATIENCE_S)
            check(done.returncode == 0, done.stderr)
            saw = json.loads(done.stdout)
            check(saw["refused"] == 3, f"a key with a blank is answered with {saw['refused']}")
            check(saw["again"]["idempotent_replayed"] and saw["again"]["order"]["id"] == saw["id"], f"two orders: {saw}")
            check(saw["total"] == {"amount": 950, "currency": "EUR"}, f"the total is {saw['total']}")
            check("ORDER_STATUS_COMPLETED" in saw["statuses"], f"it saw {saw['statuses']}")
            check(at.events_of(saw["id"]).count("order.placed") == 1, "it was placed twice")
        finally:
            at.stop()
    print("a client in JavaScript holds")


if __name__ == "__main__":
    main()
