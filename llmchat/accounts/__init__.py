"""The accounts at work: who a cookie or key is of, how one signs in, and what may be changed."""
