"""What an attacker would try: the tests named T-... of SECURITY.md."""
