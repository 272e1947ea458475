"""① HTTP: routes, the request guard, and the streams."""
