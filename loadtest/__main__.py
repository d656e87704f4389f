"""``python -m loadtest``."""

from terminal.interruption import importing

with importing("loadtest", __name__):
    import gc
    import sys

    from loadtest.cli import main
    from loadtest.record.exit_codes import Exit
    from terminal.standard_streams import run

if __name__ == "__main__":
    code = run("loadtest", main, Exit.VOID)
    # Locust and matplotlib make 116,000 objects: looking through them once more on the way out takes 0.2 s of CPU.
    gc.freeze()
    sys.exit(code)
