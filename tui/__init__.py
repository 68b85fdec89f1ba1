"""The debugger in the terminal. It shows what the engine recorded and computes no gradient itself."""
