"""Credentials in requests of a test."""

DAY_S = 86_400


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
