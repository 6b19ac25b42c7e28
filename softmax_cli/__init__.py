"""softmax-cli, the loss calculator for the shell."""

__version__ = "0.1.0"
