"""`python -m cnnspec.train.reports report|reproduce ...`."""

import sys

from cnnspec.train.cli import guarded
from cnnspec.train.errors import UsageError


def main(argv: list[str]) -> int:
    """Run the command that the first argument names."""
    if argv[:1] == ["report"]:
        from cnnspec.train.reports.report import main as report

        return report(argv[1:])
    if argv[:1] == ["reproduce"]:
        from cnnspec.train.reports.reproduce import main as reproduce

        return reproduce(argv[1:])
    raise UsageError("write report RUN... or reproduce NAME")


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:]), f"cnnspec {' '.join(sys.argv[1:2])}".strip()))
