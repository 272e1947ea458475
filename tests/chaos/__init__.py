"""Chaos: one seeded program that breaks everything around llmchat and holds it to its promises."""
