#!/usr/bin/env python3
"""Checks that documents and comments are true about the tree: each path and file that a .md file names in backquotes is
there, each link to something of ours leads somewhere, and so does each path that a comment of a source names.

Usage: documents.py <source directory>
"""
import re
import sys
from pathlib import Path

NOT_OURS = {".git", "build", "data", "node_modules"}
# Names of files are looked for when they end in one of these: others may be files of the reader.
ENDINGS = (".hpp", ".cpp", ".cmake", ".sh", ".py", ".sql", ".md")

FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"(?:\./|\.\./)*[\w.-]+(?:/[\w.-]+)*/?")
# The comments of a source, by its ending.
SLASHES = re.compile(r"^\s*(?:/\*\*?|\*)\s(.*)|(?:^|\s)//[/!]?(.*)", re.MULTILINE)
HASHES = re.compile(r"(?:^|\s)#()(.*)", re.MULTILINE)
COMMENT = {".hpp": SLASHES, ".cpp": SLASHES, ".ts": SLASHES, ".tsx": SLASHES, ".mjs": SLASHES, ".js": SLASHES,
           ".py": HASHES, ".sh": HASHES, ".cmake": HASHES, ".txt": HASHES}
# Within a comment: neither a part of a URL or of a longer path, nor a pattern with `<`, `*` or `{` in it.
NAMED_PATH = re.compile(r"(?<![\w/.<>{}$@:-])[\w-][\w.-]*(?:/[\w.-]+)+/?(?![\w/.<>{}$*-])")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)


def exists(path):
    """Whether there is such a file or folder; a source may be named without its ending."""
    return path.exists() or any(path.with_name(path.name + ending).exists() for ending in (".hpp", ".cpp"))


def missing_paths(text, document, root, file_names):
    beside = {path.name for path in document.parent.iterdir()} - NOT_OURS
    tops = {path.name for path in root.iterdir()} - NOT_OURS
    for quoted in QUOTED.findall(text):
        for word in quoted.split():
            if not PATH.fullmatch(word) or "..." in word:
                continue
            if "/" in word.rstrip("/"):
                # From the root, or from the document's own folder.
                first = Path(word).parts[0]
                base = root if first in tops else document.parent if first in beside else None
                if base and not exists(base / word):
                    yield word
            elif word.endswith(ENDINGS) and word not in ENDINGS and word not in file_names:
                yield word


def missing_in_comments(text, source, root):
    beside = {path.name for path in source.parent.iterdir()} - NOT_OURS
    tops = {path.name for path in root.iterdir() if path.is_dir()} - NOT_OURS
    for comment in COMMENT[source.suffix].findall(text):
        for word in NAMED_PATH.findall("".join(comment)):
            if "..." in word or not NOT_OURS.isdisjoint(Path(word).parts):
                continue
            word = word.rstrip(".")
            first = Path(word).parts[0]
            # From the root; a file, from the source's own folder too. A decision goes by its number (docs/adr/0001).
            base = root if first in tops else source.parent if first in beside and word.endswith(ENDINGS) else None
            if base and not exists(base / word) and not any((base / word).parent.glob(Path(word).name + "-*.md")):
                yield word


def anchors_of(document):
    """The anchors of the headings, as GitHub makes them."""
    text = FENCED.sub("", document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def broken_links(text, document):
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or anchor and target.suffix == ".md" and anchor not in anchors_of(target):
            yield link


def main(root):
    files = [path for top in root.iterdir() if top.name not in NOT_OURS
             for path in ([top] if top.is_file() else top.rglob("*"))
             if path.is_file() and NOT_OURS.isdisjoint(path.relative_to(root).parts)]
    file_names = {path.name for path in files}
    documents = sorted(path for path in files if path.suffix == ".md")
    violations = []
    for document in documents:
        text = FENCED.sub("", document.read_text())
        name = document.relative_to(root)
        violations += [f"{name}: there is no {path}" for path in missing_paths(text, document, root, file_names)]
        violations += [f"{name}: the link {link} leads nowhere" for link in broken_links(text, document)]
    for source in sorted(path for path in files if path.suffix in COMMENT):
        name = source.relative_to(root)
        violations += [f"{name}: there is no {path}" for path in missing_in_comments(source.read_text(), source, root)]
    print(*violations, sep="\n", end="\n" if violations else "")
    if not documents:
        print(f"no documents found: is {root} the source directory?")
    print(f"{len(documents)} documents looked at, {len(violations)} violations")
    return 1 if violations or not documents else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
