"""Onrecord: who said what, when, in which publication and in which words."""

__version__ = "0.1.0"
