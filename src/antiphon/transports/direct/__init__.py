"""Callers whose words come as questions over HTTP, and who fetch the answer's sound."""
