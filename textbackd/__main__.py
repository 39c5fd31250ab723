"""The ``textbackd`` command, and ``python -m textbackd``."""

import signal
import sys


def main() -> None:
    """Run the command. SIGHUP, which would end the process, waits from here on until the daemon takes it."""
    if sys.argv[1:2] == ["run"]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    # Loading all modules takes up to a second, in which somebody may want a reload.
    from textbackd.cli import main as command

    command.main()


if __name__ == "__main__":
    main()
