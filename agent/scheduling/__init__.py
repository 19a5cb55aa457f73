"""Work at its time: jobs, their slots, and the runs that come of them."""
