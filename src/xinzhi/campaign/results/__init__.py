"""Frozen data sets and what is computed from them: snapshots, results, comparisons, proposals, alerts."""
