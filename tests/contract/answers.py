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


def describe(what):
    if "frame" in what:
        return f"frame {what['frame'][:200]}"
    asked = f"{what['method']} {what['target']}" if what["method"] else "what was no plain request"
    return f"{asked} -> {what['status']} {what['body'][:300]}"


def main():
    folder = pathlib.Path(sys.argv[1])
    contract = documents.Contract()
    count = 0
    wrong = collections.OrderedDict()
    for file in sorted(folder.glob("*.jsonl")):
        # A text may hold what Python takes for the end of a line, too.
        for line in file.read_text(encoding="utf-8", errors="surrogateescape").split("\n")[:-1]:
            what = json.loads(line)
            count += 1
            check = contract.check_frame(what["frame"]) if "frame" in what else contract.check_exchange(what)
            for error in check:
                where = "" if "frame" in what else f"{what['method']} {contract.find_path(what['target'])[0]} "
                wrong.setdefault(f"{where}{what.get('status', 'frame')}: {error}", what)
    for error, what in list(wrong.items())[:SHOWN]:
        print(f"{error}\n    seen first in: {describe(what)}")
    for name in contract.http.unused_components():
        print(f"{name} is not used by anything")
        wrong[name] = None
    asked = {("GET" if method == "HEAD" else method, path) for method, path in contract.answered}
    silent = sorted(set(contract.operations()) - asked)
    if silent:
        print("asked by none of the tests that ran:", ", ".join(" ".join(one) for one in silent))
    if count == 0:
        sys.exit(f"there are no exchanges in {folder}: run tests that ask a gateway first")
    print(f"{count} answers held against the documents, {len(wrong)} of them differ in one way or another")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
