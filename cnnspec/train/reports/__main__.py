"""`python -m cnnspec.train.reports report|reproduce ...`."""

import sys

from cnnspec.train.cli import guarded
from cnnspec.train.errors import UsageError
from cnnspec.train.installed import needed
from cnnspec.train.reports import arguments


def main(argv: list[str]) -> int:
    """Run the command that the first argument names; torch comes after its command line."""
    if argv[:1] == ["report"]:
        page = arguments.report(argv[1:])
        with needed("a report"):
            from cnnspec.train.reports.report import report_command
        return report_command(page)
    if argv[:1] == ["reproduce"]:
        given = arguments.reproduce(argv[1:])
        with needed("training"):
            from cnnspec.train.reports.reproduce import reproduce_command
        return reproduce_command(given)
    raise UsageError("write report RUN... or reproduce NAME")


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:]), f"cnnspec {' '.join(sys.argv[1:2])}".strip()))
