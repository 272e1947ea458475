"""The files that go with messages: what is taken, what is read from them, what a model is told."""
