"""Where a network comes from: one file a source. A paper's layer table is the first."""
