"""The members of the combination: each foretells every series from several origins at once."""
