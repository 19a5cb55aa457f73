"""Why a figure changed: parts that add up to the change, and the segments and events behind it."""
