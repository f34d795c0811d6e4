#!/usr/bin/env python3
"""Runs the tests of clients/python: run.py <waybill binary> [test...], as in test_kill or test_node.Orders"""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def main():
    os.environ["WAYBILL_TEST_BINARY"] = str(pathlib.Path(sys.argv[1]).resolve())
    sys.path.insert(0, str(HERE))
    loader = unittest.TestLoader()
    tests = loader.loadTestsFromNames(sys.argv[2:]) if sys.argv[2:] else loader.discover(str(HERE))
    ran = unittest.TextTestRunner(verbosity=2).run(tests)
    sys.exit(0 if ran.wasSuccessful() and ran.testsRun else 1)


if __name__ == "__main__":
    main()
