"""The prepared scenarios: plain NumPy files that import nothing of ours."""
