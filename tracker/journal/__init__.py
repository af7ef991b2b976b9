"""The journal seam: one numbered journal of inputs per tour, and the small tables beside it."""
