"""A learner's work as pages: the journal told as a story, then written as Markdown or as one page of HTML."""
