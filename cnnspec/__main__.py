"""`python -m cnnspec`: the command line."""

from cnnspec.cli.app import main

if __name__ == "__main__":
    main()
