from .optimizer import Adam  # noqa: F401
