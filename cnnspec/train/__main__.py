"""`python -m cnnspec.train`: the trainer without the compiler's dependencies."""

import os
import sys

from cnnspec.train.cli import main

if __name__ == "__main__":
    sys.exit(
        main(sys.argv[1:], command=os.environ.get("CNNSPEC_COMMAND", "python -m cnnspec.train"))
    )
