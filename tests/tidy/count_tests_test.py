"""What a run's files say of passed, failed and skipped cases."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
from unittest import mock

from tools.tidy import count_tests

GTEST = """<testsuites><testsuite><testcase classname="A" name="Runs" status="run" result="completed"/>
<testcase classname="A" name="Fails" status="run"><failure message="no"/></testcase>
<testcase classname="A" name="Skips" status="run" result="skipped"><skipped message="no network"/></testcase></testsuite></testsuites>"""

# As Bazel writes it for a program that writes none.
BAZEL = """<testsuites><testsuite name="t/x" tests="1"><testcase name="t/x" status="run"></testcase><system-out>
Generated test.log:
<![CDATA[{log}]]></system-out></testsuite></testsuites>"""

UNITTEST = """test_a (__main__.A.test_a) ... ok
test_b (__main__.A.test_b) ... skipped 'chromium is not installed'
test_c (__main__.A.test_c) ...\x20
  test_c (__main__.A.test_c) [axe] ... skipped 'axe-core is not installed'
  test_c (__main__.A.test_c) [axe] ... skipped 'axe-core is not installed'

Ran 3 tests in 0.1s

OK (skipped=3)"""

# A sentence, the JUnit file, and (passed, failed, skipped).
ROWS = [
    ("each case of gtest counts", GTEST, (1, 1, 1)),
    ("a program that says nothing of its cases is one", BAZEL.format(log="all is well, nothing skipped"), (1, 0, 0)),
    ("one that skips itself did not pass", BAZEL.format(log="SKIPPED: node is not installed"), (0, 0, 1)),
    ("unittest's skipped tests and parts of tests count, once each", BAZEL.format(log=UNITTEST), (1, 0, 2)),
    ("where every test is skipped, nothing passed",
     BAZEL.format(log="test_b (__main__.A.test_b) ... skipped 'no promtool'\n\nRan 1 test in 0.0s"), (0, 0, 1)),
]


class CountTests(unittest.TestCase):
    def count(self, xml, status="PASSED"):
        """The last line that is printed for one target with that JUnit file."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("test.xml", xml), ("events.json", json.dumps({
                    "id": {"testResult": {"label": "//t:x"}}, "testResult": {"status": status, "testActionOutput": [
                        {"name": "test.xml", "uri": "file://" + os.path.join(folder, "test.xml")}]}}))):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            with mock.patch.object(sys, "argv", ["", "0", "0", os.path.join(folder, "events.json")]), \
                    contextlib.redirect_stdout(io.StringIO()) as printed:
                ended = count_tests.main()
        self.assertEqual(ended, 0 if " 0 failed" in printed.getvalue() else 1)
        return printed.getvalue().splitlines()[-1]

    def test_rows(self):
        for sentence, xml, (passed, failed, skipped) in ROWS:
            with self.subTest(sentence):
                told = f", {skipped} skipped" if skipped else ""
                self.assertEqual(self.count(xml), f"{passed} passed, {failed} failed{told}")

    def test_a_target_that_fails_without_a_failed_case_is_one_failure(self):
        self.assertEqual(self.count(BAZEL.format(log="SKIPPED: a part"), "TIMEOUT"), "0 passed, 1 failed, 1 skipped")


if __name__ == "__main__":
    unittest.main()
