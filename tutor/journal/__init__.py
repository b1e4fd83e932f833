"""The journal: every learner's events on disk, and as a file for another machine. It never imports textual."""
