"""Recurrent layers: a state that goes from token to token of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from archcalc.errors import Refused
from archcalc.ops import Op, Tensor, Torch, Values, flag, number, operation
from archcalc.sizes import Requirement, Shape, Size, as_int


class _Recurrent(Op):
    """What LSTM and GRU have in common: gates that see the token and the state before it.

    torch's layout: the gates' weights stand one above the other, for the token (`ih`) and the state (`hh`).
    """

    products: ClassVar[str] = "recurrent layers"
    gates: ClassVar[Size]
    work: ClassVar[Size]
    """Elementwise work for each unit and token, without biases."""
    summed: ClassVar[Size]
    """How many gates add their second bias to a sum that began with the first."""

    units: Size
    bidirectional: bool
    bias: bool

    def requirements(self, x: Shape) -> Sequence[Requirement]:
        if len(x.places) != 1:
            raise Refused(f"'{self.name}' takes a sequence (tokens x channels), but its input is {x}")
        return (Requirement(1, "<=", self.units, f"'{self.name}' has at least 1 unit, not {{right}}"),)

    @property
    def _directions(self) -> Size:
        return 1 + self.bidirectional

    def out(self, x: Shape) -> Shape:
        return Shape(x.places, self._directions * self.units)

    def weights(self, x: Shape) -> Sequence[Tensor]:
        rows = self.gates * self.units
        tensors: list[Tensor] = []
        for way in ("", "_reverse")[: 1 + self.bidirectional]:
            tensors.append(Tensor(f"weight_ih_l0{way}", (rows, x.channels), "weight"))
            tensors.append(Tensor(f"weight_hh_l0{way}", (rows, self.units), "weight"))
            if self.bias:
                tensors += [Tensor(f"bias_{kind}_l0{way}", (rows,), "bias") for kind in ("ih", "hh")]
        return tensors

    def macs(self, x: Shape) -> Size:
        return self._directions * self.gates * self.units * (x.channels + self.units) * x.places[0]

    def elementwise(self, x: Shape) -> Size:
        return (self.work + self.summed * self.bias) * self.out(x).elements

    def _state(self, torch: Torch, x: Values) -> Values:
        """The state before the first token: zeros."""
        sizes = (1 + self.bidirectional, len(x), as_int(self.units))
        return torch.zeros(sizes, dtype=x.dtype, device=x.device)

    def initial(self, torch: Torch, tensor: Tensor) -> Values:
        reach = as_int(self.units) ** -0.5
        return torch.empty(tensor.sizes).uniform_(-reach, reach)


@operation
class Lstm(_Recurrent):
    """`lstm 650 [bidirectional] [no bias]` on a sequence (Hochreiter & Schmidhuber, Long short-term memory,
    1997, with the forget gates of Gers et al., 2000), as torch.nn.LSTM does it.

    Four gates, each with weights for the token's channels and for the units, and two biases a unit. The
    output is the state at each token; `bidirectional` puts beside it the states of a second layer, which
    reads from the end. Several layers are several steps.

    MACs: tokens x 4 x units x (channels + units) for each direction. Elementwise work for each unit and
    token: 3 sigmoids, 2 tanh, 3 products and a sum are 9, and the second bias adds 1 for each gate.

    >>> lstm, x = Lstm(units=650), Shape((35,), 650)
    >>> str(lstm.out(x)), lstm.macs(x), lstm.elementwise(x)
    ('35x650', 118300000, 295750)
    """

    name: ClassVar[str] = "lstm"
    also: ClassVar[tuple[str, ...]] = ("long short term memory", "bilstm")
    gates: ClassVar[Size] = 4
    work: ClassVar[Size] = 9
    summed: ClassVar[Size] = 4

    units: Size = number()
    bidirectional: bool = flag("bidirectional")
    bias: bool = flag("no bias", value=False)

    def forward(self, torch: Torch, x: Values, **own: Values) -> Values:
        state, tensors = self._state(torch, x), list(own.values())
        states = torch.lstm(
            x, (state, state), tensors, self.bias, 1, 0.0, False, self.bidirectional, True
        )  # one layer, no dropout, no training, batch first
        return states[0]


@operation
class Gru(_Recurrent):
    """`gru 512 [bidirectional] [no bias]` on a sequence (Cho et al., Learning phrase representations, 2014),
    as torch.nn.GRU does it: the reset gate scales what the weights made of the state.

    Three gates, each with weights for the token's channels and for the units, and two biases a unit. The
    output is the state at each token; `bidirectional` puts beside it the states of a second layer, which
    reads from the end. Several layers are several steps.

    MACs: tokens x 3 x units x (channels + units) for each direction. Elementwise work for each unit and
    token: 2 sigmoids, a tanh, the reset state's product and sum, and 4 for the mean of the new state and the
    old (1 - z, two products, a sum) are 9; the second bias adds 1 for each of the two sigmoids.

    >>> gru, x = Gru(units=512, bidirectional=True), Shape((100,), 80)
    >>> str(gru.out(x)), gru.macs(x), gru.elementwise(x)
    ('100x1024', 181862400, 1126400)
    """

    name: ClassVar[str] = "gru"
    also: ClassVar[tuple[str, ...]] = ("gated recurrent unit", "bigru")
    gates: ClassVar[Size] = 3
    work: ClassVar[Size] = 9
    summed: ClassVar[Size] = 2

    units: Size = number()
    bidirectional: bool = flag("bidirectional")
    bias: bool = flag("no bias", value=False)

    def forward(self, torch: Torch, x: Values, **own: Values) -> Values:
        states = torch.gru(
            x, self._state(torch, x), list(own.values()), self.bias, 1, 0.0, False, self.bidirectional, True
        )  # one layer, no dropout, no training, batch first
        return states[0]
