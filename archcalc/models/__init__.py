"""Any torch model: found by its name, run once without its numbers, and read as a graph."""
