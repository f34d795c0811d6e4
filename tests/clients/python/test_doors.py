"""The blocks of `python` in docs/doors.md, but those about RPC (contract.rpc), run as they stand there; what they print stands behind
them."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from support import BINARY, LIBRARY, PATIENCE_S, ROOT, node


class Doors(unittest.TestCase):
    def test_the_examples_print_what_stands_behind_them(self):
        text = (ROOT / "docs" / "doors.md").read_text().partition("\n## RPC\n")[0]
        blocks = re.findall(r"^```python\n(.*?)^```\n+```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(blocks), text.count("```python"), "a block says not what it prints")
        self.assertTrue(blocks)
        with tempfile.TemporaryDirectory() as folder, node.started(BINARY, pathlib.Path(folder) / "node") as url:
            for code, printed in blocks:
                done = subprocess.run([sys.executable, "-B", "-c", code.replace("http://127.0.0.1:4000", url)], capture_output=True, text=True,
                                      timeout=PATIENCE_S, env={**os.environ, "PYTHONPATH": str(LIBRARY)})
                self.assertEqual(done.stdout, printed, done.stderr)


if __name__ == "__main__":
    unittest.main()
