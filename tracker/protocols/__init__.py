"""Device protocols, one small pure module each: bytes or a request in, pings and the right answer out."""
