"""One file a screen: layout, bindings, and which message leads to which event."""
