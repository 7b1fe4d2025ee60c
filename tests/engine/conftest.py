import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import chatkit.server  # noqa: F401  # it warns of its own widget classes while it defines them
