"""Finding the first wrong line of a hand-written backward."""
