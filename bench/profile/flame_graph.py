#!/usr/bin/env python3
"""Draws a flame graph (https://www.brendangregg.com/flamegraphs.html) of what `perf script` prints.

    perf record --call-graph=dwarf -F 199 -p PID -- sleep 10 && perf script | bench/profile/flame_graph.py TITLE > graph.svg

Width is CPU time, the callers are below; the lowest frames are the names of threads, of which those that differ in
their number only are one. A frame's text tells its share. Exit code 1: there are no samples.
"""
import html
import re
import sys

WIDTH = 1600
ROW = 17
LEAST = 0.4  # Narrower frames are not drawn; units of the picture.
COLOURS = {"kernel": "#c9b38c", "libpq": "#8fb7d9", "waybill": "#e7a15c", "other": "#d8cfc4"}


def short(name):
    """A function's name without its offset, template arguments and parameters."""
    name = re.sub(r"\+0x[0-9a-f]+$", "", name)
    while True:
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    return re.sub(r"\(.*\)", "", name.replace("(anonymous namespace)::", "")) or "?"


def samples(lines):
    """The stacks of a `perf script`, the outermost call first: (names with where they are from, weight)."""
    thread, weight, stack = None, 1, []
    for line in lines:
        if not line.strip():
            if thread is not None:
                yield [(thread, "other"), *reversed(stack)], weight
            thread, stack = None, []
        elif line[0] not in " \t":
            head = re.match(r"(.+?)\s+\d+(?:/\d+)?\s+(?:\[\d+\]\s+)?[\d.]+:\s+(\d+)?", line)
            if head is None:
                raise ValueError(f"no sample begins with: {line.strip()}")
            thread, weight = re.sub(r"[-.#]?\d+$", "", head[1].strip()), int(head[2] or 1)
        else:
            frame = re.match(r"\s+[0-9a-f]+\s+(.*?)(?:\s+\((.*)\))?$", line)
            stack.append((short(frame[1]), origin(frame[2] or "")))
    if thread is not None:
        yield [(thread, "other"), *reversed(stack)], weight


def origin(file):
    if "kernel" in file or file.endswith(".ko"):
        return "kernel"
    for known in ("libpq", "waybill"):
        if known in file.rsplit("/", 1)[-1]:
            return known
    return "other"


class Frame:
    def __init__(self):
        self.weight = 0
        self.calls = {}

    def add(self, stack, weight):
        self.weight += weight
        if stack:
            self.calls.setdefault(stack[0], Frame()).add(stack[1:], weight)

    def depth(self):
        return 1 + max((frame.depth() for frame in self.calls.values()), default=0)


def draw(root, title):
    height = (root.depth() + 1) * ROW
    total = root.weight
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="11">',
        f'<text x="4" y="12" font-weight="bold">{html.escape(title)}</text>',
    ]

    def box(frame, name, kind, left, level):
        width = WIDTH * frame.weight / total
        if width < LEAST:
            return
        top = height - (level + 1) * ROW
        share = f"{100 * frame.weight / total:.1f} %"
        shown = name if len(name) * 6.2 < width - 4 else name[: max(0, int((width - 8) / 6.2))]
        parts.append(
            f'<g><title>{html.escape(name)}, {share}</title>'
            f'<rect x="{left:.2f}" y="{top}" width="{width:.2f}" height="{ROW - 1}" fill="{COLOURS[kind]}"/>'
            f'<text x="{left + 2:.2f}" y="{top + 12}">{html.escape(shown)}</text></g>'
        )
        for (callee, from_where), inner in sorted(frame.calls.items()):
            box(inner, callee, from_where, left, level + 1)
            left += WIDTH * inner.weight / total

    box(root, "all", "other", 0.0, 0)
    return "\n".join([*parts, "</svg>"])


def main():
    sys.setrecursionlimit(10_000)
    root = Frame()
    for stack, weight in samples(sys.stdin):
        root.add(stack, weight)
    if root.weight == 0:
        print("flame_graph.py: there are no samples", file=sys.stderr)
        return 1
    print(draw(root, " ".join(sys.argv[1:]) or "CPU time"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
