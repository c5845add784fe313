"""One file a command: a short function whose docstring and parameters are its help."""
