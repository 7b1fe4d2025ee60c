"""What the wire types share.

Building the validator of one model takes pydantic most of a millisecond, and up to 25 for a widget; so that the import
stays quick, it happens when a model is first used. `build_models` does it for all wire types at once, parts before
wholes, which is three times as quick as each by itself; not for widgets, which many servers never show.
"""

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """Base of the wire types; a subclass is built when it is first used."""

    model_config = ConfigDict(defer_build=True)


def build_models(base: type[WireModel] = WireModel) -> None:
    """Build every wire type that is not built yet; done at startup, no request waits for it."""
    for model in base.__subclasses__():
        model.model_rebuild()
        build_models(model)
