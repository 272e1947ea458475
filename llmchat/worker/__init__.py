"""④ The worker: takes jobs, asks a provider, reports events."""
