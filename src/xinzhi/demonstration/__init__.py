"""A rehearsal with 示例省, a province that does not exist: simulated returns, and the mails that bring them.

Every file made here says 演示数据.
"""

from xinzhi.demonstration.mailbox import simulated_mails
from xinzhi.demonstration.rehearsal import rehearse
from xinzhi.demonstration.returns import simulated_case, simulated_figures, simulated_picture

__all__ = ["rehearse", "simulated_case", "simulated_figures", "simulated_mails", "simulated_picture"]
