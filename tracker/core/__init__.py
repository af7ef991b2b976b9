"""The pure core: no I/O, no clock, no globals. Time is an argument, everywhere."""
