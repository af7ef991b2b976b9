"""Pure codecs: the live feed's frames, and a tour's folder (tour.toml, GPX, roster CSV)."""
