"""The notation: a document (settings, blocks, tables) and the network it describes."""
