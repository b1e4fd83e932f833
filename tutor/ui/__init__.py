"""The screens. Everything that knows Textual is in here; what a lesson does next is decided elsewhere."""
