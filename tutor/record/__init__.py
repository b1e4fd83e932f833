"""The learner's record: how sure they are and how often right, what comes back, what they know, what to do next.

Everything here is a fold over events of the journal (`Store.record`) and pure: no clock, no file, no screen. But `notes` and
`search` read the journal themselves, and `review` takes a surprise again as a session of its own. `overview` makes it all
from the rows; nothing is kept beside them. How each number is made is told in `docs/record.md`.
"""
