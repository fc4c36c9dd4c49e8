"""What a job is: its record, states, keys, transitions in Redis, and the job types.

Knows no HTTP, no gRPC and no OpenAI; api, worker and lore_service import it.
"""
