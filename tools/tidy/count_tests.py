"""Counts the test cases of one or several Bazel runs and says how they went.

Usage: count_tests.py BAZEL_STATUS LINT_STATUS EVENTS_JSON...

Reads Bazel's build events (one JSON object a line; a file that is not there had no run), opens the JUnit file of every test target, and prints the failed
cases and a last line "N passed, N failed[, N skipped]". A target that failed without a failed case (a crash, a
time-out, a build error) counts as one failure; so does a style finding. Exit code: 0 when nothing failed.

For a program that writes no JUnit file, Bazel writes one with a single case and what was printed. What that says of
skipping is counted too: unittest's lines ("test_x ... skipped 'why'"), and those that begin with "SKIPPED: ".
"""

import json
import os
import re
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


SKIPPED = re.compile(r"^(?:SKIPPED: (?P<all>.+)|(?P<part> +)?(?P<name>\S.*) \.\.\. skipped .*)$", re.MULTILINE)


def skips(log):
    """What a program's output says that it skipped, and whether it did anything else."""
    found = list(SKIPPED.finditer(log))
    ran = re.search(r"^Ran (\d+) tests? in ", log, re.MULTILINE)
    whole = sum(1 for skip in found if not skip["part"])  # unittest indents a part of a test; the rest of it was run
    return sorted({skip["all"] or skip["name"] for skip in found}), whole < (int(ran[1]) if ran else 1)


def cases(path):
    """Yields (name, outcome) of every case in a JUnit file; outcome is passed, failed or skipped."""
    root = ElementTree.parse(path)
    skipped, did_more = skips("\n".join(out.text or "" for out in root.iter("system-out")))
    for name in skipped:
        yield name, "skipped"
    for case in root.iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed"
        elif case.find("skipped") is not None or case.get("result") == "skipped" or case.get("status") == "notrun":
            yield name, "skipped"
        elif did_more:
            yield name, "passed"


def read_target(result):
    """The cases of one target's run, never empty for a target that failed."""
    files = [f["uri"] for f in result.get("testActionOutput", []) if f.get("name") == "test.xml"]
    found = []
    for uri in files:
        try:
            found += list(cases(urllib.parse.unquote(urllib.parse.urlparse(uri).path)))
        except (OSError, ElementTree.ParseError):
            pass
    failed = result.get("status") not in ("PASSED", "FLAKY")
    if failed and not any(outcome == "failed" for _, outcome in found):
        found.append((f"(the program ended with {result.get('status', 'no result')})", "failed"))
    return found


def main():
    bazel_status, lint_status, runs = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    targets = {}
    for events in runs:
        if not os.path.exists(events):
            continue
        with open(events, encoding="utf-8") as lines:
            for line in lines:
                event = json.loads(line)
                if "testResult" in event.get("id", {}):  # of a sharded target, one for each shard
                    targets.setdefault(event["id"]["testResult"]["label"], []).extend(read_target(event["testResult"]))
    counts = {"passed": 0, "failed": lint_status, "skipped": 0}
    for label, found in sorted(targets.items()):
        for name, outcome in found:
            counts[outcome] += 1
            if outcome == "failed":
                print(f"failed: {label} {name}")
    if bazel_status != 0 and counts["failed"] == 0:
        print(f"failed: bazel ended with {bazel_status}; its messages stand above")
        counts["failed"] = 1
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
