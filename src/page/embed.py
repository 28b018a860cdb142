"""Writes the page's files into a C++ source: embed.py URL=FILE..."""

import hashlib
import sys

TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
# Chosen: well below what a compiler takes for one literal.
PIECE = 8000


def literal(text):
    pieces = [text[at:at + PIECE] for at in range(0, len(text), PIECE)]
    return "\n".join(f'R"~~~~({piece})~~~~"' for piece in pieces)


def main():
    print('#include "src/page/page.h"\n\nnamespace spillway::page {\n\nconst std::vector<Asset>& Assets() {')
    print("  static const std::vector<Asset> assets = {")
    for argument in sys.argv[1:]:
        url, path = argument.split("=", 1)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        tag = hashlib.sha256(text.encode()).hexdigest()[:16]
        print(f'      {{"{url}", "{TYPES[path.rsplit(".", 1)[1]]}", "\\"{tag}\\"",\n{literal(text)}}},')
    print("  };\n  return assets;\n}\n\n}  // namespace spillway::page")


if __name__ == "__main__":
    main()
