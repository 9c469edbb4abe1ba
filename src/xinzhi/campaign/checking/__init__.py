"""Checking: queues, the return under review, decisions, the board of completeness, reminders."""
