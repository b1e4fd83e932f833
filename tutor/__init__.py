"""The tutor: predict, run, explain. It never imports torch; only `tutor.ui` knows Textual."""

__version__ = "0.1.0"
