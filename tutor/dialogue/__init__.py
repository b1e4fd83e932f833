"""The talk: code picks the move, a voice words it, the gate says whether it may be said."""
