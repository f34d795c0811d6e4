#!/usr/bin/env python3
"""Checks that no argument of a co_await is a struct that is filled in place, `co_await ask(command{id, name})`: g++ 12 destroys
such temporaries twice. They need a name in a line before it.

Usage: coroutines.py <source directory>
"""
import re
import sys
from pathlib import Path

NOT_OURS = {".git", "build", "data", "node_modules"}
# From co_await to the end of its statement or to a block; lambdas are left out below: what they hold is not awaited.
AWAITED = re.compile(r"co_await\b(?:(?!\{\n)[^;])*")
# A name, perhaps with arguments of a template, and braces with something in them.
# Durations have nothing to destroy.
FILLED = re.compile(r"(?<![\w:])(?!std::chrono::)[a-z_][a-z_0-9:]*(?:<[^<>;{}]*>)?\{(?:[^{}]|\{[^{}]*\})*\w(?:[^{}]|\{[^{}]*\})*\}")


def main(root):
    violations = []
    seen = 0
    for file in sorted(path for path in root.rglob("*.?pp") if NOT_OURS.isdisjoint(path.relative_to(root).parts)):
        text = re.sub(r"//[^\n]*", "", file.read_text())
        for awaited in AWAITED.finditer(text):
            seen += 1
            filled = FILLED.search(re.sub(r'"(?:[^"\\]|\\.)*"', '""', awaited.group().split("[")[0]))
            if filled:
                line = text.count("\n", 0, awaited.start()) + 1
                violations.append(f"{file.relative_to(root)}:{line}: {filled.group()} needs a name before the co_await")
    print(*violations, sep="\n", end="\n" if violations else "")
    if seen == 0:
        print(f"no co_await found: is {root} the source directory?")
    print(f"{seen} co_await looked at, {len(violations)} violations")
    return 1 if violations or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
