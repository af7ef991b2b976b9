"""The bus seam: hints and speed, never truth."""
