"""Entry point of the command ``softmax-cli`` and of ``python -m softmax_cli``."""

import gc
import os
import sys


def main() -> None:
    """Load and run the command line, and end the process with its exit code."""
    code = 130  # of Ctrl-C while it loads; nothing is imported before that takes a while
    try:
        # Loading makes many objects and no garbage: looking for some takes 5 % of a one-off run.
        gc.disable()
        # NumPy's linear algebra is not used, and its threads would spin while they wait for it.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from softmax_cli.cli import main as run

        code = run()
        if "__custom__" in sys.modules:  # a user's own file may have left others to be flushed
            sys.exit(code)
    except KeyboardInterrupt:  # no more is to be said
        pass
    # All is said and written: taking the interpreter apart would take 10 % of a one-off run.
    os._exit(code)


if __name__ == "__main__":
    main()
