"""Which number is sought? A claim as people write it: 6.8M, 27x, 1.5 GMACs, 7M params, 27.9 MiB."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from archcalc.claims import Printed, number
from archcalc.costs.quantities import Kind
from archcalc.departures.counted import MOST, CountedReading
from archcalc.errors import Refused, UsageError, quoted
from archcalc.numerals import decimal

FLOAT32 = 4
FLOAT16 = 2
WORDS = {
    "params": "params",
    "parameters": "params",
    "weights": "weights",
    "macs": "MACs",
    "mult-adds": "MACs",
    "multiply-adds": "MACs",
    "flops": "FLOPs",
}
"""What may follow a number, and the quantity that it names."""
PLAIN: dict[str, Kind] = {"params": "params", "weights": "params", "MACs": "ops", "FLOPs": "ops"}
"""The quantities that a claim can name, and the kind of each."""


class Sought(NamedTuple):
    """The claimed number: as it was written, as it is read, and what it is said to be of.

    `quantity` is empty where the claim names none; `bytes` says that it is the size of a file of params.
    """

    text: str
    printed: Printed
    ratio: bool
    quantity: str = ""
    bytes: bool = False

    @property
    def letter(self) -> str:
        """K, M, G or T, where the claim is written so or in words; empty for other numbers."""
        thousands = {1000: "K", 1000**2: "M", 1000**3: "G", 1000**4: "T"}
        return thousands.get(int(self.printed.scale), "") if self.printed.suffix.isalpha() else ""


def sought(claim: str) -> Sought:
    """A claim as it is read. Raises UsageError for a text that is not a claim."""
    text = claim.strip()
    try:
        found = _ratio(text) or _bytes(text) or _amount(text)
    except Refused as refused:
        raise UsageError(str(refused)) from None
    if found is None:
        raise UsageError(
            "a claim is a number such as 6.8M, 1.5 GMACs or 26.5MB, or a ratio such as 27x, "
            f"not {quoted(claim)}"
        )
    return found


def _ratio(text: str) -> Sought | None:
    times = re.fullmatch(r"(.*?)\s*(?:x|times|\N{MULTIPLICATION SIGN})", text, re.IGNORECASE)
    read = number(times[1]) if times else None
    return Sought(times[1], read, ratio=True) if times and read and not read.suffix else None


def _bytes(text: str) -> Sought | None:
    """A size such as 26.5MB (powers of 1000) or 27.9 MiB (of 1024)."""
    size = re.fullmatch(r"(.*?)\s*([KMGT])(i?)B(?:ytes)?", text, re.IGNORECASE)
    read = number(size[1] + size[2]) if size else None
    if size is None or read is None:
        return None
    if size[3]:
        power = "KMGT".index(size[2].upper()) + 1
        larger = Fraction(1024, 1000) ** power
        read = read._replace(value=read.value * larger, unit=read.unit * larger, scale=read.scale * larger)
    return Sought(text, read, ratio=False, bytes=True)


def _amount(text: str) -> Sought | None:
    named = re.fullmatch(rf"(.*?)\s*({'|'.join(WORDS)})", text, re.IGNORECASE)
    read = number(named[1] if named else text)
    if read is None:
        return None
    quantity = WORDS[named[2].lower()] if named else ""
    return Sought(text, read, ratio=read.suffix == "%", quantity=quantity)


def suited(claim: Sought, reading: CountedReading) -> list[CountedReading]:
    """A reading as the claim would have it; none where the claim is of another kind.

    A quantity that the claim names is the plain one. Others of its kind depart by one, since params are often
    said of weights and FLOPs of MACs.
    """
    if claim.bytes:
        return _in_bytes(reading) if reading.kind == "params" else []
    if not claim.quantity:
        return [reading]
    if reading.kind != PLAIN[claim.quantity]:
        return []
    if claim.quantity in ("params", "MACs"):
        return [reading]
    named = re.match(rf"{claim.quantity}\b", reading.quantity) is not None
    departures = reading.departures + (-1 if named else 1)
    return [reading._replace(departures=departures)] if departures <= MOST else []


def _in_bytes(reading: CountedReading) -> list[CountedReading]:
    """The bytes that params take in float32 and, as a departure, in float16."""
    return [
        reading._replace(
            value=reading.value * each,
            whole=None if reading.whole is None else reading.whole * each,
            how=(*reading.how, f"{each} bytes each ({name})"),
            departures=reading.departures + more,
            arithmetic=f"{dividend(reading)} x {each}",
        )
        for each, name, more in ((FLOAT32, "float32", 0), (FLOAT16, "float16", 1))
        if reading.departures + more <= MOST
    ]


def dividend(reading: CountedReading) -> str:
    """What a further calculation begins with: how a reading came about, or its number."""
    return f"({reading.arithmetic})" if reading.arithmetic else decimal(reading.value, 0)
