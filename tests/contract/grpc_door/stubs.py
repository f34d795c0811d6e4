"""The modules that protoc makes of proto/, for tests that speak gRPC: `with stubs.made(root):` makes them importable, and gives the
folder in which they are."""

import contextlib
import pathlib
import subprocess
import sys
import tempfile


@contextlib.contextmanager
def made(root):
    protos = pathlib.Path(root) / "proto"
    files = [str(path.relative_to(protos)) for path in sorted(protos.rglob("*.proto"))]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={protos}", f"--python_out={folder}", f"--grpc_python_out={folder}",
                        "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin", *files], check=True)
        sys.path.insert(0, folder)
        try:
            yield folder
        finally:
            sys.path.remove(folder)
