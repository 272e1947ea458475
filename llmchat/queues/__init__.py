"""③⑤ Queues: what links the server and its worker processes."""
