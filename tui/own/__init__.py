"""The screen on which a backward of one's own is judged: what it knows, where one stands on it. Nothing is painted."""
