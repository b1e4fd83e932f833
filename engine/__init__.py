"""The lab bench: loads a language model, runs experiments on it, and returns figures and facts.

The engine lives in a process of its own (`python -m engine`) and speaks JSON lines. Of this package the tutor may import
`figures`, `protocol`, `client`, `errors` and the experiments' parameter and fact classes; none of those imports torch.
"""
