"""Pictures of reports: made of their rows, for print and for the colour-blind. matplotlib is at home here."""
