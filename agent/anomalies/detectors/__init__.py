"""One file a detector: each gives every series a figure, 1 being the most that is usual."""
