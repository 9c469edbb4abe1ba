"""HOW an index is computed: treat, normalise, weigh, aggregate, rank; and the trace of a score to cells."""

from xinzhi.index.result import Result, compute
from xinzhi.index.saving import load_result, result_hash, save_folder

__all__ = ["Result", "compute", "load_result", "result_hash", "save_folder"]
