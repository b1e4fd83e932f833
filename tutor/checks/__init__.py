"""Is a lesson right? What `llmw-tutor check` asks: its words and its answers, and with `--run` whether it is true.

What a lesson may say at all (its form, its steps, its facts) is checked wherever one is read: `tutor.course`.
"""
