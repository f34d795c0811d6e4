#!/usr/bin/env python3
"""Checks that a folder can be taken in at a glance, a file read in one go without moving sideways, and a folder's README
in a minute.

Usage: sizes.py <source directory>
"""
import sys
from pathlib import Path

MOST_FILES = 20
MOST_LINES = 400
# Of the README of a folder. What needs more is a document of its own.
MOST_README_LINES = 20
# Of a line of C++. What a raw string holds is as long as it is.
MOST_COLUMNS = 120

# A folder of tests has a file for each thing that is tested.
CROWDED = {"tests", "docs"}
SOURCES = {".hpp", ".cpp", ".py", ".sh", ".js", ".mjs", ".ts", ".tsx", ".css"}
# Made by a build, and not in git.
MADE = {"schema.d.ts"}
NOT_OURS = {".git", "build", "data", "node_modules"}


def main(root):
    violations = []
    files_seen = 0
    for top in sorted(path for path in root.iterdir() if path.is_dir() and path.name not in NOT_OURS):
        for folder in [top, *(path for path in sorted(top.rglob("*"))
                             if path.is_dir() and NOT_OURS.isdisjoint(path.relative_to(root).parts))]:
            files = [path for path in folder.iterdir() if path.is_file()]
            files_seen += len(files)
            if len(files) > MOST_FILES and top.name not in CROWDED:
                violations.append(f"{folder.relative_to(root)}: {len(files)} files, more than {MOST_FILES}")
            for file in sorted(path for path in files if path.name == "README.md" or
                               path.suffix in SOURCES and path.name not in MADE):
                lines = len(file.read_bytes().splitlines())
                if file.suffix in {".hpp", ".cpp"}:
                    violations += [f"{file.relative_to(root)}:{number}: {len(line)} columns, more than {MOST_COLUMNS}"
                                   for number, line in enumerate(file.read_text().splitlines(), 1)
                                   if len(line) > MOST_COLUMNS and 'R"' not in line]
                most = MOST_README_LINES if file.name == "README.md" else MOST_LINES
                if lines > most:
                    violations.append(f"{file.relative_to(root)}: {lines} lines, more than {most}")
    print(*violations, sep="\n", end="\n" if violations else "")
    if files_seen == 0:
        print(f"no files found: is {root} the source directory?")
    print(f"{files_seen} files looked at, {len(violations)} violations")
    return 1 if violations or files_seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
