"""Publication: figures, text from numbers, the white paper, and a bundle that anyone can re-run."""
