"""What the command line does with the data folder, beside serving it: a module for each command."""
