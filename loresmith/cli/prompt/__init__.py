"""The command `prompt`: its payload, the text as it is written, and the answer.

It has no rules of its own: the server checks the payload, and the job is one like any other.
"""
