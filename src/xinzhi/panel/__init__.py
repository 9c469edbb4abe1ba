"""The numbers: years x units x variables, each cell with a status and a source; reading and gap filling."""

from xinzhi.panel.panel import EMPTY, FILLED, Panel, Status
from xinzhi.panel.reading import built_in_panel, read_panel, understood
from xinzhi.panel.template import write_template

__all__ = [
    "EMPTY",
    "FILLED",
    "Panel",
    "Status",
    "built_in_panel",
    "read_panel",
    "understood",
    "write_template",
]
