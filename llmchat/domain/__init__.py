"""What the program talks about: chats, jobs, endpoints, errors. No I/O, standard library only."""
