"""Traces of sessions, sent to OpenTelemetry collectors. Nothing of it is imported where none is named."""
