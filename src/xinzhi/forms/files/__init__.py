"""Readers: a file told by its content and turned into a neutral document, within stated limits."""
