"""A graphics card market of our own making, served over loopback HTTP in the formats of the real sources.

Belongs here: the simulated market, its pages and posts, and the demo that runs on it. Does not belong here: anything
that the real product needs; nothing outside this package imports it, except the command that starts the demo.
"""
