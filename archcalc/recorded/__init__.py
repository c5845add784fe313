"""Arithmetic that is recorded once and done again elsewhere: on arrays, or in another language."""
