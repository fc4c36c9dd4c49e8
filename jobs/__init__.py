"""What a job is: its record, states, keys, transitions in Redis, and the job types.

Knows no HTTP, no gRPC and no OpenAI; every process of ours imports it.
"""
