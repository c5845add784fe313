"""How does an expression read? Collected, as text, as LaTeX and as Python that computes it exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from math import lcm

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from archcalc.sizes import Shape, Size

MOST_FACTORED = 5
"""Polynomials of more symbols than this are not factored, which could take for ever."""


class Formula:
    """One quantity as an expression, or a shape as several: what a report's column of formulas holds.

    `whole` says that it is a whole number wherever it holds, though something in it is divided.

    >>> H, C = sympy.symbols("H C", integer=True, positive=True)
    >>> formula = Formula(64 * H**2 * sympy.floor((C + 1) / 2))
    >>> str(formula), formula.python()
    ('64*H**2*floor((C + 1)/2)', '64*H**2*((C + 1)//2)')
    """

    def __init__(self, *sizes: Size, whole: bool = True) -> None:
        self.sizes = tuple(sympy.sympify(size) for size in sizes)
        self.whole = whole

    @property
    def symbols(self) -> list[str]:
        """The names of its symbols."""
        return sorted({symbol.name for size in self.sizes for symbol in size.free_symbols})

    def __str__(self) -> str:
        return " x ".join(self._parts(_Text()))

    def latex(self) -> str:
        """As mathematics, without the dollar signs."""
        return r" \times ".join(self._parts(_Latex()))

    def python(self) -> str:
        """As a Python expression in integers: a tuple where it has several sizes.

        Where it need not be whole, it is a `Fraction`.
        """
        written = [_python(size, self.whole) for size in self.sizes]
        return written[0] if len(written) == 1 else f"({', '.join(written)})"

    def _parts(self, printer: StrPrinter | LatexPrinter) -> list[str]:
        alone = len(self.sizes) == 1
        return [
            printer.doprint(size) if alone else printer.parenthesize(size, PRECEDENCE["Mul"])
            for size in self.sizes
        ]


def shape_formula(shape: Shape, places: Collection[sympy.Symbol]) -> Formula:
    """A shape as a formula: a size each, collected."""
    return Formula(*(collected(size, places) for size in (*shape.places, shape.channels)))


def collected(size: Size, places: Collection[sympy.Symbol]) -> sympy.Expr:
    """The same expression, so that a person can read it: a term for each product of places, factored.

    `places` are the symbols of the input's places.
    """
    size = sympy.sympify(size)
    terms: dict[sympy.Expr, list[sympy.Expr]] = defaultdict(list)
    for term in terms_of(size):
        of_places, rest = term.as_independent(*places, as_Add=False)[::-1] if places else (sympy.S.One, term)
        terms[of_places].append(rest)
    return sum(of_places * _factored(sum(rests)) for of_places, rests in terms.items())


def terms_of(expression: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """What a sum adds; anything else alone."""
    return tuple(expression.args) if expression.is_Add else (expression,)


def _factored(expression: sympy.Expr) -> sympy.Expr:
    """A polynomial in factors; what is rounded in it is one symbol to it."""
    expression = sympy.sympify(expression)
    if not expression.free_symbols or len(expression.free_symbols) > MOST_FACTORED:
        return sympy.factor_terms(expression)
    return sympy.factor(expression)


def strides(sizes: Collection[Size], name: sympy.Symbol) -> int:
    """What a symbol must be a multiple of, so that nothing is rounded: 1 where nothing is."""
    rounded = {floor.args[0] for size in sizes for floor in sympy.sympify(size).atoms(sympy.floor)}
    factors = [inside.coeff(name) for inside in rounded]
    return lcm(1, *(int(factor.q) for factor in factors if factor.is_Rational))


class _Text(StrPrinter):  # type: ignore[misc]  # sympy has no types
    """sympy's text, with what is rounded over one line of division: floor((H + 1)/32)."""

    def _print_floor(self, expression: sympy.Expr) -> str:
        return f"floor({self._print(sympy.together(expression.args[0]))})"

    def _print_Relational(self, expression: sympy.Rel) -> str:
        return f"{self._print(expression.lhs)} {expression.rel_op} {self._print(expression.rhs)}"


class _Latex(LatexPrinter):  # type: ignore[misc]
    """sympy's LaTeX, with names of several letters upright and whole."""

    def _print_floor(self, expression: sympy.Expr, exp: str | None = None) -> str:
        inside = self._print(sympy.together(expression.args[0]))
        written = rf"\left\lfloor{{{inside}}}\right\rfloor"
        return f"{written}^{{{exp}}}" if exp is not None else written

    def _print_Symbol(self, expression: sympy.Symbol, style: str = "plain") -> str:
        name: str = expression.name
        return name if len(name) == 1 else r"\mathrm{" + name.replace("_", r"\_") + "}"


class _Python(StrPrinter):  # type: ignore[misc]
    """Python without fractions: a rounded quotient is //, which is exact however large."""

    def _print_floor(self, expression: sympy.Expr) -> str:
        return f"({_quotient(self, *over_one_line(expression.args[0]))})"

    def _print_Min(self, expression: sympy.Expr) -> str:
        return f"min({', '.join(self._print(each) for each in expression.args)})"


def over_one_line(expression: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """An expression as above and below one line of division, with no fraction left in either.

    What is rounded, or the smaller of two, is one thing. Symbols are positive, so the line below is too.

    >>> k, n = sympy.symbols("k n", integer=True, positive=True)
    >>> over_one_line((k / 4 + n / 16) * sympy.Min(k / 2, n))
    ((4*k + n)*Min(k, 2*n), 32)
    """
    if expression.is_Rational:
        return sympy.Integer(expression.p), sympy.Integer(expression.q)
    if expression.is_Pow and expression.exp.is_Integer:
        above, below = (part ** abs(expression.exp) for part in over_one_line(expression.base))
        return (above, below) if expression.exp > 0 else (below, above)
    if expression.is_Mul:
        aboves, belows = zip(*map(over_one_line, expression.args), strict=True)
        return sympy.Mul(*aboves), sympy.Mul(*belows)
    if expression.is_Add or isinstance(expression, sympy.Min):
        lines = [over_one_line(each) for each in expression.args]
        common = sympy.lcm_list([below for _, below in lines])
        return expression.func(*(above * sympy.cancel(common / below) for above, below in lines)), common
    return expression, sympy.S.One


def _python(size: sympy.Basic, whole: bool) -> str:
    printer = _Python()
    if isinstance(size, sympy.core.relational.Relational):  # of the form a < b/c, as a*c < b
        above, below = over_one_line(size.rhs)
        return f"{printer.doprint(size.lhs * below)} {size.rel_op} {printer.doprint(above)}"
    above, below = over_one_line(size)
    if below == 1:
        return str(printer.doprint(size))
    if whole:  # where the conditions hold: 64 groups' share of 128 channels
        return _quotient(printer, above, below)
    return f"Fraction({printer.doprint(above)}, {printer.doprint(below)})"


def _quotient(printer: _Python, above: sympy.Expr, below: sympy.Expr) -> str:
    """The two with // between them."""
    product, power = PRECEDENCE["Mul"], PRECEDENCE["Pow"]
    return f"{printer.parenthesize(above, product)}//{printer.parenthesize(below, power)}"


def text(expression: sympy.Basic) -> str:
    """An expression or a condition as text."""
    return str(_Text().doprint(expression))
