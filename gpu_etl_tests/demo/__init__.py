"""Tests of the simulated market, and of reading it back by the ordinary parsers."""
