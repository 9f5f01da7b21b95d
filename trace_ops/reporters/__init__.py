"""Reports of runs, as files to look at and to pass on."""
