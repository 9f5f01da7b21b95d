"""What is supported, in the words of the tests that passed: rows, the data of runs, the table of the docs."""
