"""The house rules as a test: prints `file:line: rule: message` for everything that breaks one.

Usage: tidy.py [ROOT]   (default: the checkout that this file stands in)

Rules:
  size      a code file has at most 400 lines
  function  a C++ function has at most 70 lines
  include   a room includes only what it may know
  clock     the pure core and the client rooms know no clock, thread or sleep of the machine
  word      no sleeping outside the clock, no reminders left behind, no pointers to what is outside the repository
  name      no file is called after having no purpose of its own
  guard     a header's include guard follows from its path
  path      no path of somebody's machine
  test      a test that docs/security.md names is there
"""

import os
import re
import sys

FILE_LINES = 400
FUNCTION_LINES = 70

CODE = (".cc", ".h", ".py", ".js", ".css", ".html", ".sh", ".bzl")
TEXT = CODE + (".md", ".json", ".yaml", ".yml", ".txt", ".service", "")

# What each room may include of ours, by prefix. The longest room that fits a file counts.
ROOMS = {
    "src/base/": ("src/base/", "tools/bazel/"),
    "src/core/": ("src/core/", "src/base/result.h", "src/base/time.h"),
    "src/ports/": ("src/ports/", "src/core/", "src/base/"),
    "avi/": ("avi/", "src/ports/", "src/core/", "src/base/"),
    "k8s/": ("k8s/", "src/ports/", "src/core/", "src/base/"),
    "src/page/": ("src/page/",),
    "src/daemon/": ("src/", "avi/", "k8s/"),
    "tools/lab/": ("tools/lab/", "src/core/", "src/base/"),
}
# Headers that only these files may include.
ONLY_IN = {
    r"httplib\.h": ("src/base/http_client.cc", "src/base/http_server.cc"),
    r"spdlog/.*": ("src/base/log.cc",),
    r"rapidjson/.*": ("tools/bazel/rapidjson_config.h",),
    r"tools/bazel/rapidjson_config\.h": ("src/base/json.h",),
    r"regex": (),
}
# Standard headers that bring the world into a function of values.
IMPURE = {
    "atomic", "condition_variable", "ctime", "filesystem", "fstream", "future", "iostream", "mutex", "ostream", "random",
    "semaphore", "shared_mutex", "stop_token", "syncstream", "thread", "cstdio", "csignal",
}
THREADS = {"thread", "future", "semaphore", "stop_token"}
CLIENT_ROOMS = ("avi/", "k8s/")
PURE_ROOMS = ("src/core/",)
CLOCKLESS_ROOMS = PURE_ROOMS + CLIENT_ROOMS + ("src/ports/",)
CLOCK_CALL = re.compile(r"_clock::now\s*\(|\bstd::time\s*\(|\bgettimeofday\b|\bclock_gettime\b")
SLEEP = re.compile(r"\bsleep_(?:for|until)\b|\busleep\b|\bnanosleep\b")
SLEEPERS = ("src/base/clock.cc", "tools/lab/")
# Put together so that this file does not break its own rules.
REMINDER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
# What claims to be held by tests, how it names one, and how tests are named.
HELD_BY_TESTS = "docs/security.md"
NAMED_TEST = re.compile(r"`(\w+\.\w+)`")
TESTS = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)|^class (\w+)\(|^    def (test_\w+)\(", re.MULTILINE)
OUTSIDE = re.compile(r"\bsha" r"red/(?:contracts|design|style|hooks)\b")
# Bazel prescribes the names in here.
FOREIGN = ("tools/bazel/rules_cc", "tools/bazel/remote_coverage_tools")
NAME = re.compile(r"(?:^|[_.-])(?:manager|helper|util)s?(?=[_.-]|$)")
MACHINE_PATH = re.compile(r"(?<![\w./~}-])/(?:ho" r"me|ro" r"ot|wo" r"rk|Us" r"ers)/\w")


def files_of(root):
    """Every text file of the checkout, relative to its root; build output and foreign code aside."""
    for folder, folders, names in os.walk(root):
        here = os.path.relpath(folder, root)
        folders[:] = sorted(f for f in folders if f not in (".git", "node_modules", "__pycache__") and
                            not f.startswith("bazel-") and os.path.normpath(os.path.join(here, f)) not in FOREIGN and
                            not os.path.islink(os.path.join(folder, f)))
        for name in sorted(names):
            linked = os.path.islink(os.path.join(folder, name))
            # In a work tree of git, .git is a file.
            if not linked and name != ".git" and os.path.splitext(name)[1] in TEXT:
                yield os.path.normpath(os.path.join(here, name))


def blanked(text):
    """C++ without the insides of comments and literals; lines and columns stay where they are."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])*\'',
        re.DOTALL)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


# What stands before a function's body: its parameters, an initialiser, a qualifier or a return type.
BODY_MAY_FOLLOW = re.compile(r"(?:[)}&]|\b(?:const|noexcept|override|final|mutable|try)|->[\w:<>,\s*]+)$")


def functions(code):
    """(first line, number of lines) of every outermost function body in blanked C++."""
    inside = []  # of every open brace: its kind, and the text before it
    head = ""  # since the last brace or semicolon
    line = begin = 1
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            text = head.strip()
            scope = re.search(r"\b(?:namespace|class|struct|union|enum|extern)\b", text) and not text.endswith(")")
            is_function = not scope and "(" in text and "=" not in text.split("(")[0] and BODY_MAY_FOLLOW.search(text)
            if is_function and not any(kind == "function" for kind, _ in inside):
                begin = line
            inside.append(("function" if is_function else "scope" if scope else "value", head))
            head = ""
        elif char == "}":
            kind, before = inside.pop() if inside else ("scope", "")
            if kind == "function" and not any(outer == "function" for outer, _ in inside):
                yield begin, line - begin + 1
            # After a braced value the statement goes on: a constructor's body may follow.
            head = before + "{}" if kind == "value" else ""
        elif char in ";#":
            head = ""
        else:
            head += char


def check_includes(path, lines):
    room = max((r for r in ROOMS if path.startswith(r)), key=len, default=None)
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        ours, header = found.group(1) == '"', found.group(2)
        for pattern, allowed in ONLY_IN.items():
            if re.fullmatch(pattern, header) and path not in allowed:
                where = " or ".join(allowed) or "nowhere"
                yield number, "include", f"{header} may be included in {where}"
        if ours and room and not header.startswith(ROOMS[room]):
            yield number, "include", f"{room} does not know {header}"
        if not ours and path.startswith(PURE_ROOMS) and (header in IMPURE or header.endswith(".h")):
            yield number, "include", f"<{header}> has no place in {room}, which is pure"
        if not ours and path.startswith(CLIENT_ROOMS) and header in THREADS:
            yield number, "clock", f"<{header}> has no place in {room}, which also runs in virtual time"


def check_cpp(path, text):
    lines = text.split("\n")
    yield from check_includes(path, lines)
    code = blanked(text)
    for begin, length in functions(code):
        if length > FUNCTION_LINES:
            yield begin, "function", f"{length} lines, at most {FUNCTION_LINES}"
    for number, line in enumerate(code.split("\n"), 1):
        if path.startswith(CLOCKLESS_ROOMS) and CLOCK_CALL.search(line):
            yield number, "clock", "the present is an argument here"
        if SLEEP.search(line) and not path.startswith(SLEEPERS):
            yield number, "word", "sleeps; wait for a condition, or ask the clock"
    if path.endswith(".h"):
        guard = "SPILLWAY_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
        if f"#ifndef {guard}\n#define {guard}\n" not in text or not text.rstrip().endswith(f"#endif  // {guard}"):
            yield 1, "guard", f"the include guard must be {guard}"


def check_text(path, text):
    lines = text.split("\n")
    extension = os.path.splitext(path)[1]
    count = len(text.splitlines())
    if extension in CODE and count > FILE_LINES:
        yield count, "size", f"{count} lines, at most {FILE_LINES}"
    if NAME.search(os.path.basename(path)):
        yield 1, "name", "the name says nothing about what it does"
    for number, line in enumerate(lines, 1):
        if extension in CODE and REMINDER.search(line):
            yield number, "word", "a reminder is an issue, not a comment"
        if OUTSIDE.search(line):
            yield number, "word", "points outside the repository"
        if MACHINE_PATH.search(line):
            yield number, "path", "a path of one machine"


def tests_in(text):
    """The tests of a file, as Suite.Name."""
    suite = ""
    for found in TESTS.finditer(text):
        suite = found.group(3) or suite
        if found.group(1):
            yield f"{found.group(1)}.{found.group(2)}"
        elif found.group(4):
            yield f"{suite}.{found.group(4)}"


def check_named_tests(text, known):
    for number, line in enumerate(text.split("\n"), 1):
        for name in NAMED_TEST.findall(line):
            if name[0].isupper() and name not in known:
                yield number, "test", f"there is no test {name}"


def check(root):
    """All findings as sorted (path, line, rule, message)."""
    found, known, claims = [], set(), None
    for path in files_of(root):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            continue  # not a text after all
        if path.startswith("tests/"):
            known.update(tests_in(text))
        if path == HELD_BY_TESTS:
            claims = text
        checks = list(check_text(path, text))
        if path.endswith((".cc", ".h")):
            checks += check_cpp(path, text)
        found += [(path, *finding) for finding in checks]
    if claims:
        found += [(HELD_BY_TESTS, *finding) for finding in check_named_tests(claims, known)]
    return sorted(found)


def main(arguments):
    here = os.path.dirname(os.path.realpath(__file__))
    root = arguments[0] if arguments else os.path.dirname(os.path.dirname(here))
    if not os.path.exists(os.path.join(root, "WORKSPACE")):
        print(f"{root} is no checkout: it has no WORKSPACE", file=sys.stderr)
        return 2
    found = check(root)
    for path, line, rule, message in found:
        print(f"{path}:{line}: {rule}: {message}")
    print(f"{len(found)} findings" if found else "the house rules are kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
