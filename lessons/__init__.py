"""The lessons, as YAML: one folder a unit, one file a lesson. `docs/lessons.md` says how to write one."""
