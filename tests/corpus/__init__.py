"""Real-shaped files, each with what must come of it."""
