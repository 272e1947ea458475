"""What an attacker would try: the tests of the threats T-... that docs/security.md names."""
