"""④ LLM APIs: the one place that speaks to a model."""
