"""②⑥ Jobs: submit, follow and cancel; the processes behind them and the events they send."""
