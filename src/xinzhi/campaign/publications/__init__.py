"""Editions of a campaign: prepared, built, seen, approved by two people, published, corrected, withdrawn."""
