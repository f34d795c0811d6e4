#!/usr/bin/env python3
"""Holds what tests were answered against the API documents: answers.py <folder of *.jsonl>

The tests write each exchange there (tests/support/exchanges.hpp); CTest runs this one behind them.
"""

import collections
import json
import pathlib
import sys

import documents

SHOWN = 40


def describe(exchange):
    if "frame" in exchange:
        return f"frame {exchange['frame'][:200]}"
    asked = f"{exchange['method']} {exchange['target']}" if exchange["method"] else "a request that could not be read"
    return f"{asked} -> {exchange['status']} {exchange['body'][:300]}"


def main():
    folder = pathlib.Path(sys.argv[1])
    contract = documents.Contract()
    count = 0
    wrong = collections.OrderedDict()
    for file in sorted(folder.glob("*.jsonl")):
        # A text may hold what Python takes for the end of a line, too.
        for line in file.read_text(encoding="utf-8", errors="surrogateescape").split("\n")[:-1]:
            exchange = json.loads(line)
            count += 1
            check = contract.check_frame(exchange["frame"]) if "frame" in exchange else contract.check_exchange(exchange)
            for error in check:
                where = "" if "frame" in exchange else f"{exchange['method']} {contract.find_path(exchange['target'])[0]} "
                wrong.setdefault(f"{where}{exchange.get('status', 'frame')}: {error}", exchange)
    for error, exchange in list(wrong.items())[:SHOWN]:
        print(f"{error}\n    seen first in: {describe(exchange)}")
    for name in contract.http.unused_components():
        print(f"{name} is not used by anything")
        wrong[name] = None
    asked = {("GET" if method == "HEAD" else method, path) for method, path in contract.answered}
    silent = sorted(set(contract.operations()) - asked)
    if silent:
        print("asked by none of the tests that ran:", ", ".join(" ".join(operation) for operation in silent))
    if count == 0:
        sys.exit(f"there are no exchanges in {folder}: run tests that ask a gateway first")
    print(f"{count} answers held against the documents, {len(wrong)} of them differ in one way or another")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
