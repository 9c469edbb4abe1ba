"""Readers of sheets: workbooks (.xlsx, .xlsm) and delimited text (.csv, .tsv), each as a neutral document."""

from xinzhi.forms.files.sheets.delimited import read_delimited
from xinzhi.forms.files.sheets.workbook import read_workbook

__all__ = ["read_delimited", "read_workbook"]
