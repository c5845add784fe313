"""What lies around archcalc: the disk, ARCHCALC_PATH, optional packages."""
