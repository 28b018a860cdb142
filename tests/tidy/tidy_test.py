"""Every house rule is shown to fire, and to keep quiet beside what is allowed."""

import os
import tempfile
import unittest

from tools.tidy import tidy


def header(path, body=""):
    guard = "SPILLWAY_" + path.upper().replace("/", "_").replace(".", "_") + "_"
    return f"#ifndef {guard}\n#define {guard}\n{body}\n#endif  // {guard}\n"


def function(lines):
    return "int F(int a) {\n" + "  a++;\n" * (lines - 2) + "}\n"


# A sentence, a file, its text, and the findings as "line: rule".
ROWS = [
    ("a file at the cap", "src/base/a.cc", "//\n" * 400, []),
    ("a file above it", "src/base/a.cc", "//\n" * 401, ["401: size"]),
    ("a document may be long", "docs/a.md", "x\n" * 1000, []),
    ("a function at the cap", "src/base/a.cc", function(70), []),
    ("a function above it", "src/base/a.cc", "\n" + function(71), ["2: function"]),
    ("a method in a class in a namespace", "src/base/a.cc",
     "namespace a {\nclass B {\n" + function(71) + "};\n}\n", ["3: function"]),
    ("a long constructor with its initialisers", "src/base/a.cc",
     "A::A(int x)\n    : x_(x),\n      y_{2} {\n" + ";\n" * 80 + "}\n", ["3: function"]),
    ("a test is a function", "tests/base/a.cc", "TEST(A, B) {\n" + ";\n" * 80 + "}\n", ["1: function"]),
    ("a namespace is none", "src/base/a.cc", "namespace a {\n" + ";\n" * 80 + "}\n", []),
    ("nor is a struct", "src/base/a.cc", "struct A {\n" + "int x;\n" * 80 + "};\n", []),
    ("nor is a table", "src/base/a.cc", "const Row kRows[] = {\n" + "{1, F(2)},\n" * 80 + "};\n", []),
    ("braces in text and comments do not count", "src/base/a.cc",
     "void F() {\n  g(\"{\", '{', R\"(}{{)\");  // {\n  /* {{ */\n}\n" + "\n" * 80 + "void G() {\n}\n", []),
    ("the core includes itself", "src/core/a.h", header("src/core/a.h", '#include "src/core/b.h"\n#include <map>'), []),
    ("and time and result", "src/core/a.cc", '#include "src/base/time.h"\n#include "src/base/result.h"\n', []),
    ("but no other part of the base", "src/core/a.cc", '#include "src/base/clock.h"\n', ["1: include"]),
    ("nor what stands above it", "src/core/a.cc", '#include "src/ports/feed.h"\n', ["1: include"]),
    ("nor the world", "src/core/a.cc", "#include <thread>\n#include <fstream>\n#include <mutex>\n#include <random>\n",
     ["1: include", "2: include", "3: include", "4: include"]),
    ("nor the system", "src/core/a.cc", "#include <unistd.h>\n", ["1: include"]),
    ("the core reads no clock", "src/core/a.cc", "auto t = std::chrono::steady_clock::now();\n", ["1: clock"]),
    ("the base does", "src/base/a.cc", "auto t = std::chrono::steady_clock::now();\n", []),
    ("the base knows nobody", "src/base/a.cc", '#include "src/core/decide.h"\n', ["1: include"]),
    ("the ports know the core", "src/ports/a.cc", '#include "src/core/decide.h"\n', []),
    ("and no client", "src/ports/a.cc", '#include "avi/session.h"\n', ["1: include"]),
    ("Avi's client does not know Kubernetes'", "avi/a.cc", '#include "k8s/watch.h"\n', ["1: include"]),
    ("nor the other way round", "k8s/a.cc", '#include "avi/session.h"\n', ["1: include"]),
    ("nor does either know the daemon", "k8s/a.cc", '#include "src/daemon/loop.h"\n', ["1: include"]),
    ("clients have no threads", "avi/a.cc", "#include <thread>\n", ["1: clock"]),
    ("nor a clock of their own", "k8s/a.cc", "auto t = std::chrono::system_clock::now();\n", ["1: clock"]),
    ("the daemon knows all", "src/daemon/a.cc", '#include "avi/a.h"\n#include "k8s/a.h"\n#include "src/core/a.h"\n', []),
    ("but not the lab", "src/daemon/a.cc", '#include "tools/lab/fake.h"\n', ["1: include"]),
    ("the lab does not know the real clients", "tools/lab/a.cc", '#include "avi/a.h"\n', ["1: include"]),
    ("httplib stands in two files", "src/base/http_client.cc", "#include <httplib.h>\n", []),
    ("and in no third", "src/base/http.cc", "#include <httplib.h>\n", ["1: include"]),
    ("spdlog stands in one", "src/daemon/main.cc", "#include <spdlog/spdlog.h>\n", ["1: include"]),
    ("RapidJSON comes through our header", "avi/a.cc", "#include <rapidjson/document.h>\n", ["1: include"]),
    ("which only our JSON includes", "tools/lab/a.cc", '#include "tools/bazel/rapidjson_config.h"\n',
     ["1: include", "1: include"]),
    ("regular expressions stand nowhere", "tests/base/a.cc", "#include <regex>\n", ["1: include"]),
    ("nobody sleeps", "tests/base/a.cc", "std::this_thread::sleep_for(1s);\n", ["1: word"]),
    ("but the clock", "src/base/clock.cc", "std::this_thread::sleep_until(t);\n", []),
    ("and the lab", "tools/lab/a.cc", "std::this_thread::sleep_for(1s);\n", []),
    ("a comment about sleeping is fine", "src/base/a.cc", "// not sleep_for\n", []),
    ("no reminders", "src/base/a.cc", "// TO" "DO: later\n", ["1: word"]),
    ("in no language", "tools/a.py", "# FIX" "ME\n", ["1: word"]),
    ("no pointers to the outside", "docs/a.md", "see sha" "red/contracts/x.md\n", ["1: word"]),
    ("no name without a purpose", "src/base/string_util.h", header("src/base/string_util.h"), ["1: name"]),
    ("of any kind", "avi/session_manager.cc", "", ["1: name"]),
    ("a word inside a word is fine", "src/core/utilisation.cc", "", []),
    ("a guard that is right", "avi/a_b.h", header("avi/a_b.h"), []),
    ("a guard of another file", "avi/a.h", header("avi/b.h"), ["1: guard"]),
    ("no guard", "avi/a.h", "#pragma once\n", ["1: guard"]),
    ("no path of a machine", "deploy/a.yaml", "ca: /ho" "me/ann/ca.pem\n", ["1: path"]),
    ("not even in a script", "tools/run", "cd /wo" "rk/main\n", ["1: path"]),
    ("a test that is named must be there", "docs/security.md", "x\n`Orders.AreJudged` `a.cc` `tests/x`\n", ["2: test"]),
    ("elsewhere that is a word", "docs/a.md", "`Orders.AreJudged`\n", []),
    ("a part of another path is none", "docs/a.md", "GET /api/ho" "me/x ~/wo" "rk/x\n", []),
    ("foreign names stay", "tools/bazel/rules_cc/cc/toolchain_utils.bzl", "", []),
    ("what Bazel built is not ours", "bazel-out/a.cc", "#include <regex>\n", []),
]


class TidyTest(unittest.TestCase):
    def test_every_row(self):
        for claim, path, text, expected in ROWS:
            with self.subTest(claim), tempfile.TemporaryDirectory() as root:
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full))
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
                found = tidy.check(root)
                self.assertEqual([f"{line}: {rule}" for _, line, rule, _ in found], expected, found)
                self.assertTrue(all(finding[0] == path for finding in found))

    def test_every_rule_has_a_row(self):
        fired = {finding.split(": ")[1] for _, _, _, expected in ROWS for finding in expected}
        self.assertEqual(fired, {"size", "function", "include", "clock", "word", "name", "guard", "path", "test"})

    def test_named_tests_of_both_languages_are_found(self):
        texts = {"docs/security.md": "`A.Holds` `B.test_c` `B.test_d`\n", "tests/a.cc": "TEST_F(A, Holds) {}\n",
                 "tests/b.py": "class B(Arena):\n    def test_c(self):\n"}
        with tempfile.TemporaryDirectory() as root:
            for path, text in texts.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            self.assertEqual([finding[3] for finding in tidy.check(root)], ["there is no test B.test_d"])

    def test_a_folder_that_is_no_checkout_is_an_error(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(tidy.main([root]), 2)


if __name__ == "__main__":
    unittest.main()
