"""Formulas written as text in a methodology or a reproduction case: names, numbers, ``+ - * / **``, brackets.

A formula is parsed once by Python's own parser, checked against a short list of node kinds, and evaluated on
whatever operands it is given: floats, arrays, or intervals. Nothing else of the language can be reached.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xinzhi.errors import MethodologyError
from xinzhi.language import gettext as _

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_LONGEST = 500  # characters; a formula of an indicator is a line, and deep nesting would exhaust the parser


@dataclass(frozen=True)
class Formula:
    """An arithmetic expression over named operands.

    Parameters
    ----------
    text : str
        For instance ``"gdp / population"``. Bare function calls ``name(a, b)`` are accepted only for names
        listed in `functions`.
    functions : frozenset of str
        Names that may be called; what they do is given to :meth:`evaluate`.

    Raises
    ------
    MethodologyError
        If the text is no such expression.
    """

    text: str
    functions: frozenset[str] = frozenset()
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names: set[str] = set()
        tree = self._tree()
        self._check(tree, names)
        self._check_constants(tree)
        object.__setattr__(self, "names", frozenset(names))

    def evaluate(
        self, operands: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None
    ) -> Any:
        """Return the value of the formula with `operands` in the place of its names.

        Parameters
        ----------
        operands : mapping of str to operand
            Anything with arithmetic: floats, arrays, intervals.
        functions : mapping of str to callable, optional
            What the names in `functions` of the formula do.
        """
        return self._evaluate(self._tree(), operands, functions or {})

    def _tree(self) -> ast.expr:
        if len(self.text) > _LONGEST:
            raise MethodologyError(
                _("公式写法不对: {text}").format(text=self.text[:80]),
                remedy=_("公式最长 {limit} 个字符").format(limit=_LONGEST),
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the parser's advice on Python that we refuse anyway
                return ast.parse(self.text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise self._error() from error

    def _error(self) -> MethodologyError:
        return MethodologyError(
            _("公式写法不对: {text}").format(text=self.text[:80]),
            remedy=_("公式只能由变量名、数字、+ - * / ** 和括号组成"),
        )

    def _check(self, node: ast.expr, names: set[str]) -> None:
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                self._check(left, names)
                self._check(right, names)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                self._check(operand, names)
            case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
                pass
            case ast.Name(id=name):
                names.add(name)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in self.functions:
                for argument in args:
                    self._check(argument, names)
            case _:
                raise self._error()

    def _check_constants(self, node: ast.expr) -> float | None:
        """Return the value of a part without names; refuse one such as ``1 / 0`` or ``9 ** 9 ** 9``."""
        match node:
            case ast.Constant(value=int(value) | float(value)):
                return self._finite(float, value)
            case ast.UnaryOp(operand=operand):
                inner = self._check_constants(operand)
                return None if inner is None else -inner
            case ast.BinOp(left=left, op=op, right=right):
                one, other = self._check_constants(left), self._check_constants(right)
                return None if one is None or other is None else self._finite(_BINARY[type(op)], one, other)
            case ast.Call(args=args):
                for argument in args:
                    self._check_constants(argument)
        return None

    def _finite(self, operation: Callable[..., Any], *operands: float) -> float:
        try:
            value = operation(*operands)
        except ArithmeticError:
            value = math.nan
        if isinstance(value, complex) or not math.isfinite(value):
            raise MethodologyError(
                _("公式算不出来: {reason}").format(reason=self.text[:80]),
                remedy=_("其中只有常数的一部分没有值, 或者超出了范围"),
            )
        return float(value)

    def _evaluate(
        self, node: ast.expr, operands: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Any:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                return _BINARY[type(op)](
                    self._evaluate(left, operands, functions), self._evaluate(right, operands, functions)
                )
            case ast.UnaryOp(operand=operand):
                return -self._evaluate(operand, operands, functions)
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return operands[name]
            case ast.Call(func=ast.Name(id=name), args=args):
                return functions[name](*(self._evaluate(a, operands, functions) for a in args))
        raise self._error()
