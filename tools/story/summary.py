"""The end of a story: what was measured, as a table."""


def of_time(seconds):
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def show_rows(rows):
    """`rows`: [(text, value)]."""
    width = max(len(name) for name, _ in rows)
    print("\nMeasured")
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    print("  (overloaded: more than was ready could take, and nobody had taken any away)\n")
