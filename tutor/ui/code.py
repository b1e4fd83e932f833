"""Python in the colours of our own themes. Imported when code is wanted: the lexer takes a while to load and to run."""

from __future__ import annotations

from pygments.token import Token
from textual.content import Content
from textual.highlight import HighlightTheme, highlight


class Code(HighlightTheme):
    """What a reader looks for stands out; the prose of a docstring stays prose."""

    STYLES = {
        Token.Comment: "$foreground 65%",
        Token.Keyword: "bold",
        Token.Keyword.Namespace: "bold",
        Token.Operator.Word: "bold",
        Token.Literal.String: "$primary",
        Token.Literal.String.Doc: "$foreground 80% italic",
        Token.Literal.Number: "$primary",
        Token.Name.Class: "bold $accent",
        Token.Name.Function: "bold $accent",
        Token.Name.Decorator: "$foreground 65%",
    }


def coloured(source: str) -> Content:
    """The source with its colours, 20 to 50 ms for a page: call it from a thread."""
    return highlight(source, language="python", theme=Code)
