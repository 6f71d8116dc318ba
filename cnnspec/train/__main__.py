"""`python -m cnnspec.train`: the trainer without the compiler's dependencies."""

import sys

from cnnspec.train.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], command="python -m cnnspec.train"))
