"""How numbers read: the only place where a number becomes text for people.

It rounds half away from zero, and in ints all the way: a count may have more digits than a float holds.
"""

from __future__ import annotations

from fractions import Fraction
from math import log10

LETTERS = ((4, "T"), (3, "G"), (2, "M"), (1, "K"))
"""The powers of 1000 that have a letter, the largest first."""


def whole(value: int) -> str:
    """An exact integer with separators.

    >>> whole(6998552)
    '6,998,552'
    """
    return f"{int(value):,}"


def abbreviated(count: int) -> str:
    """An exact integer with separators; one that nobody would read, by its power of ten.

    >>> abbreviated(10**9), abbreviated(3 * 10**40)
    ('1,000,000,000', 'about 10^40')
    """
    return whole(count) if count < 10**30 else f"about 10^{int(log10(count))}"


def setting(value: float | Fraction) -> str:
    """A value that someone chose: a whole one as it is, another one in six significant digits.

    >>> setting(1000000), setting(0.75), setting(Fraction(1, 3))
    ('1000000', '0.75', '0.333333')
    """
    return str(value) if isinstance(value, int) else f"{float(value):g}"


def magnitude(value: float | Fraction) -> str:
    """How large a number is that does not fit where it should.

    >>> magnitude(2**64), magnitude(10**400)
    ('1.84e+19', 'a number of 401 digits')
    """
    return f"{float(value):.3g}" if value < 10**300 else f"a number of {len(str(int(value)))} digits"


def decimal(value: int | Fraction, places: int, trim: bool = False) -> str:
    """A number with so many decimals; `trim` leaves out zeros at its end.

    >>> decimal(Fraction(1, 8), 2), decimal(Fraction(-5, 2), 0), decimal(Fraction(5, 2), 3, trim=True)
    ('0.13', '-3', '2.5')
    """
    scaled = nearest_whole(abs(value) * 10**places)
    integer, part = divmod(scaled, 10**places)
    text = f"{integer:,}.{part:0{places}}" if places else f"{integer:,}"
    if trim and places:
        text = text.rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and scaled else text


def ratio(value: int | Fraction) -> str:
    """How many times as large one count is as another.

    >>> ratio(Fraction(63, 20))
    '3.15x'
    """
    return decimal(value, 2) + "x"


def share(value: Fraction) -> str:
    """A share in percent: what is not nothing, or not all, never reads as if it were.

    >>> share(Fraction(1)), share(Fraction(9999, 10000)), share(Fraction(1, 10000)), share(Fraction(0))
    ('100%', '>99.9%', '<0.1%', '0.0%')
    """
    if value == 1:
        return "100%"
    if 0 < value < Fraction(1, 2000):
        return "<0.1%"
    if Fraction(1999, 2000) <= value < 1:
        return ">99.9%"
    return decimal(100 * value, 1) + "%"


def significant(value: Fraction, digits: int) -> str:
    """A number with so many significant digits, without zeros at its end.

    >>> significant(Fraction(225, 2), 4), significant(Fraction(2, 3), 4)
    ('112.5', '0.6667')
    """
    return decimal(value, max(0, digits - _digits_before_the_point(value)), trim=True)


def short(count: int) -> str:
    """A count in a sentence: one decimal below ten of a unit, else none; in powers of 1000.

    >>> short(999), short(4713984), short(83886080)
    ('999', '4.7M', '84M')
    """
    for power, letter in LETTERS:
        unit = 1000**power
        if count >= unit:
            return decimal(Fraction(count, unit), 0 if count >= 10 * unit else 1) + letter
    return str(count)


def rounded(count: int, unit: str) -> str:
    """A total in three significant digits, as one says it.

    >>> rounded(1582671872, "MACs"), rounded(6998552, " params")
    ('1.58 GMACs', '7.00 M params')
    >>> rounded(9996, "MACs"), rounded(999999, "MACs"), rounded(448, "MACs")
    ('10.0 KMACs', '1.00 MMACs', '448 MACs')
    """
    if count < 1000:
        return f"{count} {unit.strip()}"
    for power, letter in reversed(LETTERS):
        value = Fraction(count, 1000**power)
        for places in (2, 1, 0):
            if nearest_whole(value * 10**places) < 1000:
                return f"{decimal(value, places)} {letter}{unit}"
    return f"{decimal(value, 0)} {letter}{unit}"


def nearest_whole(value: int | Fraction) -> int:
    """The nearest integer to a number that is not negative; a half goes up."""
    return (2 * value + 1).__floor__() // 2


def _digits_before_the_point(value: Fraction) -> int:
    whole_part = abs(value.numerator) // value.denominator
    return len(str(whole_part)) if whole_part else 0
