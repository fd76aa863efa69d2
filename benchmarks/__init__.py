"""What Onrecord costs, measured: run `make bench`."""
