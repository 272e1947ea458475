"""The providers, against `tests/fake_openai.py`."""
