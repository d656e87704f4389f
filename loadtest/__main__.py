"""``python -m loadtest``."""

import gc
import signal
import sys

from loadtest.record.exit_codes import Exit
from loadtest.standard_streams import forgive

if __name__ == "__main__":
    # Ctrl-C while the command is still being imported ends it, without a word of where that was.
    hears = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if hears:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from loadtest.cli import main

    if hears:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    output = forgive()
    try:
        code = main()
    finally:
        output.flush()
    if output.failure:
        print(f"loadtest: what it says could not be written: {output.failure}", file=sys.stderr)
        code = code or Exit.VOID
    # Locust and matplotlib make 116,000 objects: looking through them once more on the way out takes 0.2 s of CPU.
    gc.freeze()
    sys.exit(code)
