"""HOW an index is computed: treat, normalise, weigh, aggregate, rank; and the trace of a score to cells."""

from xinzhi.index.folder import load_result, save_folder
from xinzhi.index.result import Result, compute
from xinzhi.index.saving import result_hash

__all__ = ["Result", "compute", "load_result", "result_hash", "save_folder"]
