"""The ground that the rehearsal and the benchmarks share. Nothing here imports anything of the house."""
