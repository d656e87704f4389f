"""``python -m loadtest``."""

import gc
import signal
import sys

from loadtest.record.exit_codes import Exit
from terminal.standard_streams import run

if __name__ == "__main__":
    # Ctrl-C while the command is still being imported ends it, without a word of where that was.
    hears = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if hears:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from loadtest.cli import main

    if hears:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    code = run("loadtest", main, Exit.VOID)
    # Locust and matplotlib make 116,000 objects: looking through them once more on the way out takes 0.2 s of CPU.
    gc.freeze()
    sys.exit(code)
