"""What the machine offers: threads, memory, signals, the terminal."""
