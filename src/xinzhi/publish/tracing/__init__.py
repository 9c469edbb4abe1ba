"""Reading the numbers back out of PDF, Word and pages, and comparing each with the bundle it comes from."""

from xinzhi.publish.tracing.comparing import Mismatch, Traced, mismatches, numbers_shown, trace_document
from xinzhi.publish.tracing.shown import Shown

__all__ = ["Mismatch", "Shown", "Traced", "mismatches", "numbers_shown", "trace_document"]
