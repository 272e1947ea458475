"""The endpoints that are set up: where they come from, and where their keys are."""
