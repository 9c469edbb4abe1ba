"""How a return is judged: every check yields findings; the rules they name own grade and wording."""

from xinzhi.forms.checks.circumstances import Circumstances
from xinzhi.forms.checks.explanations import judge_explanation
from xinzhi.forms.checks.figures import Recomputed, recompute
from xinzhi.forms.checks.judging import check, check_delivery, in_order
from xinzhi.forms.checks.material import check_picture

__all__ = [
    "Circumstances",
    "Recomputed",
    "check",
    "check_delivery",
    "check_picture",
    "in_order",
    "judge_explanation",
    "recompute",
]
