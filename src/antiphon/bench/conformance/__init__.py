"""Whether a server speaks OpenAI's Realtime protocol as its clients need it: checks by name, against any address."""
