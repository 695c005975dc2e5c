"""One module for each journey: the order of the steps, joining the workrooms."""
