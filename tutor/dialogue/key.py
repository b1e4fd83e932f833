"""The key for Claude: from the environment, or from the system's keyring. It is never written, logged or shown."""

from __future__ import annotations

from collections.abc import Mapping

VARIABLE = "ANTHROPIC_API_KEY"
SERVICE, USER = "llmw-tutor", "anthropic"
"""Where the keyring has it: `keyring set llmw-tutor anthropic`."""


class Key:
    """A key that does not show itself, and where it came from."""

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, origin: str):
        self._value, self.origin = value, origin

    def reveal(self) -> str:
        """The key itself, for the SDK and nobody else."""
        return self._value

    def __repr__(self) -> str:
        return f"Key(from {self.origin})"


def find_key(environ: Mapping[str, str]) -> Key | None:
    """The key, if there is one. The package keyring is asked only where it is installed."""
    if value := environ.get(VARIABLE, "").strip():
        return Key(value, VARIABLE) if _possible(value) else None
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]

        value = (keyring.get_password(SERVICE, USER) or "").strip()
    except Exception:  # no keyring, no backend, or one that is locked: then there is no key
        return None
    return Key(value, "the keyring") if value and _possible(value) else None


def _possible(value: str) -> bool:
    """Whether it can stand in a header at all."""
    return value.isascii() and value.isprintable() and " " not in value
