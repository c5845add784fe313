"""A sweep's blocks on Dask: many processes here, or the workers of a cluster.

Blocks come back in order to the process that asked for them, which alone keeps and writes them. A block whose
worker is lost is computed again elsewhere; each is taken once. Workers need archcalc, of the same version,
and no file: a pickled engine is all that they are sent.
"""

from __future__ import annotations

import logging
import pickle
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

from archcalc.environment import extras
from archcalc.errors import ClusterError
from archcalc.sweep.run import BlockResult, Engine, Runner
from archcalc.version import VERSION

if TYPE_CHECKING:
    import distributed

CONNECT = 10
"""Seconds in which a cluster must answer."""
CLOSE = 2
"""Seconds that a lost cluster has to say goodbye."""
WAIT = 60
"""Seconds for which a cluster without workers is waited for."""
AHEAD = 3
"""Blocks that are under way for each thread of the workers."""
CONFIGURATION = {
    "distributed.scheduler.allowed-failures": 10,
    "distributed.comm.timeouts.connect": f"{CONNECT}s",
}
QUIET = """
import signal, warnings
signal.signal(signal.SIGINT, signal.SIG_IGN)
warnings.simplefilter("ignore")
"""
"""Run by each process started here: the one that asked answers Ctrl-C and says what is wrong."""

_own = threading.local()
"""Each thread's engine: the arrays of a program are not shared."""


def compute(sent: bytes, version: str, number: int) -> BlockResult:
    """One block, on a worker. Raises RuntimeError where the worker's archcalc is of another version."""
    if version != VERSION:
        raise RuntimeError(f"archcalc {VERSION} is installed there, and {version} here")
    if getattr(_own, "sent", None) != sent:
        _own.sent, _own.engine = sent, pickle.loads(sent)
    part: BlockResult = _own.engine.block(number)
    return part


@contextmanager
def connected(address: str | None, workers: int | None) -> Iterator[Runner]:
    """While this lasts, what it gives runs blocks on a cluster, or on `workers` processes started here.

    Raises MissingExtra where Dask is not installed, ClusterError where the cluster cannot be reached.
    """
    with extras.needed("a sweep on --cluster or --workers"):
        import dask
        import distributed  # noqa: F401 -- asked for once, here
    with ExitStack() as stack:
        logging.disable()  # what is wrong is said once, by the error
        stack.callback(logging.disable, logging.NOTSET)
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(dask.config.set(CONFIGURATION))
        place = f"the cluster at {address}" if address is not None else "the workers"
        try:
            if address is None:
                address = stack.enter_context(_started(workers or 1)).scheduler_address
            client = _client(address)
            stack.callback(_close, client)
        except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
            raise ClusterError(f"{place} cannot be reached: {_said(error)}") from error
        yield _Blocks(client, place, stack.enter_context(_interrupts()))


def _client(address: str) -> distributed.Client:
    import distributed

    return distributed.Client(address, timeout=CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask annotates little


def _close(client: distributed.Client) -> None:
    with suppress(TimeoutError):
        client.close(CLOSE)  # type: ignore[no-untyped-call]  # Dask annotates little


def _started(workers: int) -> distributed.LocalCluster:
    import distributed

    return distributed.LocalCluster(  # type: ignore[no-untyped-call]  # Dask annotates little
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=logging.CRITICAL + 1,
        memory_limit=0,
        preload=[QUIET],
    )


class _Interrupts:
    """Answers Ctrl-C. While blocks are awaited it is only remembered, the first time: an exception that is
    raised while Dask deletes an object is lost, and the sweep would go on.
    """

    def __init__(self) -> None:
        self.awaited = False
        self._came = False

    def __call__(self, number: int, frame: object) -> None:
        again, self._came = self._came, True
        if again or not self.awaited:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise the KeyboardInterrupt that came."""
        if self._came:
            raise KeyboardInterrupt


@contextmanager
def _interrupts() -> Iterator[_Interrupts]:
    """While this lasts, Ctrl-C is answered by what it gives; only a main thread's handlers can be set."""
    interrupts = _Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, interrupts)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


class _Blocks:
    """Runs blocks through a client, a few ahead of the one that is waited for."""

    def __init__(self, client: distributed.Client, place: str, interrupts: _Interrupts) -> None:
        self._client = client
        self._place = place
        self._interrupts = interrupts

    def __call__(self, engine: Engine, numbers: Iterable[int]) -> Iterator[tuple[int, BlockResult]]:
        sent = self._client.submit(bytes, pickle.dumps(engine), pure=False)
        waiting = iter(numbers)
        ahead: deque[tuple[int, distributed.Future[BlockResult]]] = deque()
        self._interrupts.awaited = True
        try:
            while True:
                self._interrupts.check()
                for number in islice(waiting, max(AHEAD * self._threads() - len(ahead), not ahead)):
                    ahead.append((number, self._client.submit(compute, sent, VERSION, number, pure=False)))
                if not ahead:
                    return
                number, future = ahead.popleft()
                yield number, self._result(future)
                del future  # or the workers would keep what it stands for
        except ConnectionError as error:
            raise self._lost(error) from error
        finally:
            self._interrupts.awaited = False

    def _result(self, future: distributed.Future[BlockResult]) -> BlockResult:
        from concurrent.futures import CancelledError

        alone = None
        while True:
            try:
                part: BlockResult = future.result(timeout=1)
                return part
            except TimeoutError:
                self._interrupts.check()
                if self._client.status != "running":
                    raise self._lost("the connection is lost") from None
                if self._threads():
                    alone = None
                elif alone is None:
                    alone = time.monotonic()
                elif time.monotonic() - alone > WAIT:
                    raise self._lost(f"for {WAIT} seconds it has had no worker") from None
            except CancelledError as error:
                raise self._lost("the connection is lost") from error
            except Exception as error:
                raise self._lost(error) from error

    def _threads(self) -> int:
        """The threads of all workers that are there now."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return sum(worker["nthreads"] for worker in workers)

    def _lost(self, why: object) -> ClusterError:
        return ClusterError(f"{self._place} could not finish the sweep: {_said(why)}")


def _said(why: object) -> str:
    """What is wrong, in one line."""
    text = " ".join(str(why).split())
    if isinstance(why, BaseException):
        text = f"{type(why).__name__}: {text}" if text else type(why).__name__
    return text if len(text) <= 300 else f"{text[:300]}..."
