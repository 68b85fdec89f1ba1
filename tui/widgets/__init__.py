"""The parts of the screen: thin panes that hand a painted canvas to Textual line by line."""
