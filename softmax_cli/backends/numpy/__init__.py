"""The NumPy backend: the project's own mathematics."""
