"""OpenAI's Realtime protocol as a transport: any client of it is a caller."""
