"""The one hold on docker or podman: engine, command line, control groups, file locks, and whose things are whose."""
