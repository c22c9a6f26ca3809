"""Agents in LiveKit rooms: LiveKit's `AgentSession` carries the sound and decides the turns, our `Session` thinks."""
