"""archcalc: what does this architecture cost, and is that number true?"""

from archcalc.api import Architecture, compare, load, networks, reconcile
from archcalc.costs.counting import Counting
from archcalc.errors import ArchcalcError
from archcalc.report import Report, render
from archcalc.version import VERSION

__version__ = VERSION

__all__ = [
    "ArchcalcError",
    "Architecture",
    "Counting",
    "Report",
    "__version__",
    "compare",
    "load",
    "networks",
    "reconcile",
    "render",
]
