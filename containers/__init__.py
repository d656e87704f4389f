"""The one hold on docker or podman: the engine, its command line, control groups, and whose things are whose."""
