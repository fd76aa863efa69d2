"""Onrecord: who said what, when, in which publication and in which words."""

import gc

__version__ = "0.1.0"

# Python looks for garbage at every 700 objects that it makes: while modules are loaded and nothing
# is garbage that takes up to a sixth of a start. What a request leaves is freed without looking.
gc.set_threshold(10_000, 20, 50)
