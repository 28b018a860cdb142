"""What a benchmark must show to be good: each promise beside what was seen, and the exit code of them all."""


def judged(promises, quiet=False):
    """`promises`: [(what, seen, the most it may be, unit)]. Prints each unless `quiet`; 0 if all hold, otherwise 1."""
    code = 0
    for what, seen, most, unit in promises:
        holds = seen <= most
        code = code if holds else 1
        if not quiet:
            print(f"  {'holds ' if holds else 'BROKEN'}  {what}: {seen:.4g}{unit}, at most {most:g}{unit}")
    return code
