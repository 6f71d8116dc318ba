"""`python -m cnnspec.train.evaluation`: `cnnspec eval` without the compiler's dependencies."""

import sys

from cnnspec.train.cli import guarded
from cnnspec.train.installed import needed


def main(argv: list[str]) -> int:
    """Run `cnnspec eval`; torch is imported only after the command line was understood."""
    from cnnspec.train.evaluation.arguments import parse

    given = parse(argv)
    with needed("a test"):
        from cnnspec.train.evaluation.command import evaluate_command
    return evaluate_command(given)


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:]), "cnnspec eval"))
