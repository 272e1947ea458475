"""The tests of the threats: each is named in docs/security.md beside the threat that it answers."""
