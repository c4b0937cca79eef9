"""Every fault that was thought of, in one table (``matrix``), and the tests of those that belong to no one module."""
