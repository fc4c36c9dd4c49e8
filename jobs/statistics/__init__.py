"""What past runs teach: durations and token usage.

Pure functions of samples; stores read and write the samples.
"""
