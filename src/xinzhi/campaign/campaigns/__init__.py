"""Campaigns: a call opened from its template, with window, admissions and extensions."""
