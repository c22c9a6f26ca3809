"""The browser talks to a Realtime provider; the answers are ours: jobs, and a stream of approved speech."""
