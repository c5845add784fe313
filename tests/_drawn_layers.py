"""Random layers on vectors, sequences, maps and videos, with shape, parameters and MACs by their textbooks.

A shape is (place, ..., channels), or (channels,) for a vector. Nothing of archcalc is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

from hypothesis import strategies as st

Dims = tuple[int, ...]
MOST = 3_000
"""How many elements a drawn shape has at most."""


class Layer(NamedTuple):
    """A step as a block writes it, the shape it gives, its parameters and its MACs."""

    text: str
    out: Dims
    params: int = 0
    macs: int = 0


@dataclass(frozen=True)
class Hand:
    """What draws."""

    draw: Callable[[st.SearchStrategy[Any]], Any]

    def whole(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def chance(self, percent: int) -> bool:
        return self.whole(0, 99) >= 100 - percent

    def one(self, choices: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def divisor(self, number: int) -> int:
        """A divisor of a number, of at most 4."""
        return int(self.one([each for each in (1, 2, 3, 4) if number % each == 0]))

    def shape(self, places: int) -> Dims:
        most = (0, 9, 8, 4)[places]
        return (*(self.whole(2, most) for _ in range(places)), self.one((1, 2, 3, 4, 4, 6, 8)))


def sizes(each: Sequence[int]) -> str:
    return "x".join(map(str, each))


PLAIN = (
    "relu", "gelu", "gelu tanh", "silu", "mish", "softplus", "relu squared", "quick gelu", "hard swish",
    "elu", "dropout 0.1", "scale 0.5", "identity", "stochastic depth 0.1", "sigmoid", "tanh",
)  # fmt: skip


def plain(hand: Hand, x: Dims) -> Layer:
    """An elementwise operation; a prelu and a layer scale have one parameter a channel."""
    if hand.chance(30):
        slopes = ("prelu",) if len(x) in (1, 3) else ()
        return Layer(hand.one((*slopes, "layer scale", "layer scale 0.1")), x, x[-1])
    return Layer(hand.one(PLAIN), x)


def norm(hand: Hand, x: Dims) -> Layer:
    """A normalisation, with a scale and a shift a channel, or a scale alone, or neither."""
    wide = x[-1]
    known = {"layer norm": 2 * wide, "layer norm no bias": wide, "layer norm no affine": 0, "rms norm": wide}
    known |= {"l2 norm": 0, "l2 norm scale": wide, f"group norm {hand.divisor(wide)}": 2 * wide}
    known |= {"batch norm": 2 * wide, "batch norm no affine": 0}
    text = hand.one(sorted(known))
    return Layer(text, x, known[text])


def keeping(hand: Hand, x: Dims) -> Layer:
    """A layer that keeps its shape."""
    return norm(hand, x) if len(x) > 1 and hand.chance(40) else plain(hand, x)


def linear(hand: Hand, x: Dims, to: int = 0) -> Layer:
    """A fully connected layer on a vector, or on each token."""
    wide, bias = to or hand.whole(1, 9), hand.chance(70)
    weights = x[-1] * wide
    text = f"linear {wide}{'' if bias else ' no bias'}"
    return Layer(text, (*x[:-1], wide), weights + bias * wide, weights * prod(x[:-1]))


def conv(hand: Hand, x: Dims, to: int = 0, still: bool = False) -> Layer:
    """A convolution whose padding keeps the size, but for its stride."""
    places = x[:-1]
    kernel = [hand.one((1, 3, 5)) for _ in places]
    stride = 1 if still else hand.one((1, 1, 2, 3))
    groups = hand.divisor(x[-1])
    wide = to or groups * hand.whole(1, 4)
    groups = groups if wide % groups == 0 else 1
    out, bias = tuple(-(-size // stride) for size in places), hand.chance(70)
    weights = prod(kernel) * x[-1] // groups * wide
    step = "" if stride == 1 else f"/{stride}"
    flags = ("" if groups == 1 else f" groups {groups}") + ("" if bias else " no bias")
    text = f"conv {sizes(kernel)}{step} {wide}{flags}"
    return Layer(text, (*out, wide), weights + bias * wide, weights * prod(out))


def transposed(hand: Hand, x: Dims) -> Layer:
    """A transposed convolution whose windows do not meet: every output place has one product a channel."""
    places, stride, wide = x[:-1], hand.one((2, 3)), hand.whole(1, 5)
    weights = stride ** len(places) * x[-1] * wide
    text = f"transposed conv {sizes([stride] * len(places))}/{stride} {wide}"
    return Layer(text, (*(stride * size for size in places), wide), weights + wide, weights * prod(places))


def pool(hand: Hand, x: Dims) -> Layer:
    """A pooling without padding, or of all places."""
    places = x[:-1]
    if hand.chance(20):
        return Layer(hand.one(("global average pool", "global max pool")), (*(1 for _ in places), x[-1]))
    side, stride = min(*places, hand.whole(1, 3)), hand.whole(1, 2)
    text = f"{hand.one(('max pool', 'average pool'))} {sizes([side] * len(places))}/{stride} valid"
    return Layer(text, (*((size - side) // stride + 1 for size in places), x[-1]))


def border(hand: Hand, x: Dims) -> Layer:
    """Places added or cut off."""
    places, wide = x[:-1], x[-1]
    many = hand.whole(1, 2)
    if min(places) > 2 * many and hand.chance(50):
        return Layer(f"crop {many}", (*(size - 2 * many for size in places), wide))
    if hand.chance(50):
        return Layer(f"pad {many}", (*(size + 2 * many for size in places), wide))
    return Layer(f"pad {many} {hand.one(('before', 'after'))}", (*(size + many for size in places), wide))


def resized(hand: Hand, x: Dims) -> Layer:
    """Places that are repeated, dealt into channels, or made of channels."""
    places, wide = x[:-1], x[-1]
    known = [Layer("upsample 2", (*(2 * size for size in places), wide))]
    if len(places) == 2 and not places[0] % 2 and not places[1] % 2:
        known += [Layer("space to depth 2", (places[0] // 2, places[1] // 2, 4 * wide))] * 2
    if len(places) == 2 and wide % 4 == 0:
        known += [Layer("depth to space 2", (2 * places[0], 2 * places[1], wide // 4))] * 4
    return Layer(*hand.one(known))


def channels(hand: Hand, x: Dims) -> Layer:
    """Channels that are dealt out, added, taken or halved."""
    places, wide = x[:-1], x[-1]
    known = {f"channel shuffle {hand.divisor(wide)}": wide, f"pad channels {wide + 3}": wide + 3}
    known |= {f"take {-(-wide // 2)}": -(-wide // 2)}
    if wide % 2 == 0:
        known |= dict.fromkeys(("glu", "swiglu", "geglu", "reglu"), wide // 2)
    text = hand.one(sorted(known))
    return Layer(text, (*places, known[text]))


def tokens(hand: Hand, x: Dims) -> Layer:
    """What asks for a sequence, and the ways to another rank."""
    length, wide = x
    state = hand.whole(1, 5)
    known = [
        Layer("learned positions", x, length * wide),
        Layer(hand.one(("class token", "class token last")), (length + 1, wide), wide),
        Layer(hand.one(("take token 1", "take token last", "mean of tokens")), (wide,)),
        Layer(f"gru {state}", (length, state), *_recurrent(3, wide, state, length)),
        Layer(f"lstm {state}", (length, state), *_recurrent(4, wide, state, length)),
        Layer(f"to map 1x{length}", (1, length, wide)),
    ]
    if wide % 2 == 0:
        positions = [Layer("sinusoidal positions", x), Layer("rotary positions", x)]
        known = positions if hand.chance(50) else known
    return Layer(*hand.one(known))


def _recurrent(gates: int, wide: int, state: int, length: int) -> tuple[int, int]:
    """Each gate has a matrix for the input and one for the state, and as torch has them two biases."""
    weights = gates * state * (wide + state)
    return weights + 2 * gates * state, weights * length


def layer(hand: Hand, x: Dims) -> Layer:
    """A layer that can take this shape, and whose output is not too large."""
    ways: list[Callable[[Hand, Dims], Layer]] = [keeping]
    if len(x) == 1:
        ways += [linear, linear]
    else:
        ways += [conv, conv, transposed, pool, border, border, resized, resized, channels, norm, _flat]
    if len(x) == 2:
        ways += [linear, tokens, tokens, tokens, tokens]
    if len(x) == 3:
        ways += [_tokens, resized, resized, resized]
    found: Layer = hand.one(ways)(hand, x)
    return found if prod(found.out) <= MOST else keeping(hand, x)


def _flat(hand: Hand, x: Dims) -> Layer:
    return Layer("flatten", (prod(x),))


def _tokens(hand: Hand, x: Dims) -> Layer:
    return Layer("to tokens", (x[0] * x[1], x[2]))


def chain(hand: Hand, x: Dims, least: int, most: int) -> list[Layer]:
    """Some layers one after the other."""
    found: list[Layer] = []
    for _ in range(hand.whole(least, most)):
        found.append(layer(hand, x))
        x = found[-1].out
    return found
