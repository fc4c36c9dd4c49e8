"""What we need of the openai SDK around a request: its client, its exceptions, a time limit.

The code that sends requests through it is in the modules of the providers.
"""
