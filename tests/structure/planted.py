#!/usr/bin/env python3
"""Checks the checks of this folder: each must find the violation that is planted in a small tree, and nothing else."""
import contextlib
import io
import sys
import tempfile
from pathlib import Path

import coroutines
import documents
import include_direction
import sizes

# A tree that every check accepts.
SOUND = {
    "domain/CMakeLists.txt": "",
    "domain/base/ids.hpp": "#pragma once\n",
    "domain/order/order.hpp": '#pragma once\n\n// See domain/base/ids.hpp, https://a.b/docs/x, docs/adr/0001.\n#include "domain/base/ids.hpp"\n#include <vector>\n',
    "gateway/CMakeLists.txt": "",
    "gateway/config.hpp": '#include "domain/order/order.hpp"\n',
    "gateway/http/request.hpp": "",
    "gateway/routes/orders/orders.cpp": '#include "gateway/http/request.hpp"\n#include "gateway/config.hpp"\n',
    "gateway/routes/orders/wait.cpp":
        'const place order{id};\nco_await ask(order, empty{}, std::chrono::seconds{1}, "a{b}"); // a{b}\nint x{1};\n',
    "README.md": "# Tree\n\nSee `domain/base/ids`, `orders.cpp`, `build/release/x` and [the docs](docs/more.md#a-heading-with-code).\n",
    "docs/adr/0001-a-decision.md": "",
    "build/CMakeCache.txt": "",
    "docs/more.md": "# A heading, with `code`\n\n```\n`domain/nothing.hpp` in an example\n```\n[back](../README.md)\n",
}

# The text that is added to it, and the line that must be reported for it.
PLANTED = [
    (include_direction, {"domain/base/money.hpp": '#include "gateway/config.hpp"\n'},
     "domain/base/money.hpp:1: domain must not include gateway"),
    (include_direction, {"domain/base/money.hpp": '\n#include "domain/order/order.hpp"\n'},
     "domain/base/money.hpp:2: domain/base must not include domain/order (domain/order/order.hpp)"),
    (include_direction, {"domain/base/money.hpp": '#include "domain/user.hpp"\n'},
     "domain/base/money.hpp:1: domain/base must not include domain/. (domain/user.hpp)"),
    (include_direction, {"gateway/config.cpp": '#include "gateway/http/request.hpp"\n'},
     "gateway/config.cpp:1: gateway/config must not include gateway/http (gateway/http/request.hpp)"),
    (include_direction, {"gateway/routes/orders/more.cpp": '#include "gateway/routes/webhooks/webhooks.hpp"\n'},
     "gateway/routes/orders/more.cpp:1: gateway/routes/orders must not include gateway/routes/webhooks "
     "(gateway/routes/webhooks/webhooks.hpp)"),
    (include_direction, {"gateway/attic/old.cpp": '#include "gateway/config.hpp"\n'},
     "gateway/attic/old.cpp:1: the room gateway/attic has no row in include_direction.py"),
    (include_direction, {"attic/CMakeLists.txt": ""}, "attic: the folder has no row in include_direction.py"),
    (include_direction, {"psp/CMakeLists.txt": "", "psp/ledger/entry.hpp": ""},
     "psp: the folder has rooms, and no table in include_direction.py"),
    (include_direction, {"domain/order/hold.cpp": '#include "order.hpp"\n'},
     'domain/order/hold.cpp:1: "order.hpp" is no path from the root'),
    (sizes, {f"domain/base/{i}.hpp": "" for i in range(20)}, "domain/base: 21 files, more than 20"),
    (sizes, {"domain/base/long.cpp": "\n" * 401}, "domain/base/long.cpp: 401 lines, more than 400"),
    (sizes, {"tests/long.cpp": "\n" * 401}, "tests/long.cpp: 401 lines, more than 400"),
    (sizes, {"domain/base/wide.cpp": "//" + "x" * 119 + '\nR"(' + "x" * 200},
     "domain/base/wide.cpp:1: 121 columns, more than 120"),
    (sizes, {"domain/README.md": "\n" * 21}, "domain/README.md: 21 lines, more than 20"),
    (coroutines, {"gateway/ask.cpp": "\nco_await ask(\n  place<order>{id, {}});\n"},
     "gateway/ask.cpp:2: place<order>{id, {}} needs a name before the co_await"),
    (documents, {"a.md": "See `domain/base/money`."}, "a.md: there is no domain/base/money"),
    (documents, {"a.md": "See `domain/order/ids.hpp`."}, "a.md: there is no domain/order/ids.hpp"),
    (documents, {"domain/README.md": "See `base/money.hpp`."}, "domain/README.md: there is no base/money.hpp"),
    (documents, {"a.md": "See `money.hpp`."}, "a.md: there is no money.hpp"),
    (documents, {"domain/order/hold.hpp": "/// As in domain/order/ids.hpp, and so on.\n"},
     "domain/order/hold.hpp: there is no domain/order/ids.hpp"),
    (documents, {"domain/hold.hpp": "int i; // base/money.hpp.\n"}, "domain/hold.hpp: there is no base/money.hpp"),
    (documents, {"gateway/build.sh": "# See domain/base/money.\n"}, "gateway/build.sh: there is no domain/base/money"),
    (documents, {"a.md": "[x](docs/none.md)"}, "a.md: the link docs/none.md leads nowhere"),
    (documents, {"a.md": "[x](docs/more.md#none)"}, "a.md: the link docs/more.md#none leads nowhere"),
]


def violations_of(check, files):
    """What `check` says of a tree of `files`, but for its summary."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = check.main(root)
        lines = output.getvalue().splitlines()[:-1]
        return lines if (code != 0) == bool(lines) else [f"exit code {code}", *lines]


def main():
    failures = []
    for check in (include_direction, sizes, documents, coroutines):
        if lines := violations_of(check, SOUND):
            failures.append(f"{check.__name__} finds in a sound tree: {lines}")
        if not violations_of(check, {"empty.txt": ""}) and check is not sizes:
            failures.append(f"{check.__name__} accepts a folder that is no source directory")
    for check, files, expected in PLANTED:
        if (lines := violations_of(check, SOUND | files)) != [expected]:
            failures.append(f"{check.__name__} with {list(files)[-1]}: {lines} instead of {expected!r}")
    if not include_direction.circle_in({"a": "b", "b": "c", "c": "a"}) or include_direction.circle_in({"a": "b", "b": ""}):
        failures.append("include_direction: circle_in")
    print(*failures, sep="\n", end="\n" if failures else "")
    print(f"{len(PLANTED)} violations planted, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
