"""When jobs run by themselves, and what happens between runs: a module a schedule or sensor, and its test."""
