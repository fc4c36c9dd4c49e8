"""The gRPC client of the lore_service.

No other worker package imports grpc.
"""
