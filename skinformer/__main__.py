"""Run the command line: ``python -m skinformer``."""

import sys

from skinformer.cli import main

if __name__ == "__main__":
    sys.exit(main())
