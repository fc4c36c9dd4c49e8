"""Who sends a request: the credentials, and what they may do.

The authenticator asks each kind of credential in turn; a guard in front of every route that is not
public requires the scope of its operation.
"""
