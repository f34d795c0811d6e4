#!/usr/bin/env python3
"""What bench/profile/flame_graph.py draws of a known output of `perf script`: flame_graph.py <source root>."""
import subprocess
import sys
import xml.etree.ElementTree as xml

SCRIPT = f"{sys.argv[1]}/bench/profile/flame_graph.py"
SAMPLES = """\
caf.worker-1 4711 40572.870942:    3000000 cpu-clock:
\t  5581 waybill::(anonymous namespace)::sql_journal<int>::commit(std::vector<char> const&)+0x12 (/opt/waybill)
\t  5580 waybill::journal::flush()+0x1 (/opt/waybill)

caf.worker-2 4712 40572.880942:    1000000 cpu-clock:
\tffff8 do_syscall_64+0x4 ([kernel.kallsyms])
\t  5580 waybill::journal::flush()+0x1 (/opt/waybill)
"""


def draw(samples):
    return subprocess.run([sys.executable, "-B", SCRIPT, "a", "<title>"], input=samples, capture_output=True, text=True)


def main():
    drawn = draw(SAMPLES)
    assert drawn.returncode == 0, drawn.stderr
    svg = "{http://www.w3.org/2000/svg}"
    root = xml.fromstring(drawn.stdout)
    frames = {group.find(f"{svg}title").text: group.find(f"{svg}rect").attrib for group in root.iter(f"{svg}g")}
    expected = {
        "all, 100.0 %": 1600,
        "caf.worker, 100.0 %": 1600,
        "waybill::journal::flush, 100.0 %": 1600,
        "waybill::sql_journal::commit, 75.0 %": 1200,
        "do_syscall_64, 25.0 %": 400,
    }
    assert {name: float(box["width"]) for name, box in frames.items()} == expected, frames
    callee, caller = frames["do_syscall_64, 25.0 %"], frames["waybill::journal::flush, 100.0 %"]
    assert float(callee["y"]) < float(caller["y"]), "callers are below"
    assert callee["fill"] != caller["fill"], "the kernel is told apart"
    assert root.find(f"{svg}text").text == "a <title>", drawn.stdout

    for nothing in ("", "\n"):
        drawn = draw(nothing)
        assert drawn.returncode == 1 and "no samples" in drawn.stderr, drawn
    assert draw("what is this?\n").returncode != 0
    print("flame_graph: ok")


main()
