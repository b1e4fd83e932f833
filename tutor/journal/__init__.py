"""The journal: every learner's events on disk, and what can be read out of them. It never imports textual."""
