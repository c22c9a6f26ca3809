"""Who may do what, and how much of it: sign-in, tokens, origins, limits, and what is written down about them."""
