"""Pages as PDF: fills a template of webapp/resources/print through typst, with the program's own fonts."""

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import typst

# A thousand tagged cells triple the time, and those files are for the printer; a document is read, also by machines.
_TAGGED: Final = frozenset({"letter"})


class TypstPress:
    """Implements core.ports.PaperPress. The same values at the same moment give the same bytes."""

    def press(self, template: str, values: Mapping[str, Any], *, moment: dt.datetime) -> bytes:
        """Give the PDF of `<template>.typ`; nothing is written to the disk.

        What is the same on every page stands in `<template>_stencil.typ`, when there is one: it is drawn once and
        handed to the template as `stencil`, for laying out 200 equal pages one by one takes twelve seconds.
        """
        with ExitStack() as stack:
            resources = files("webapp") / "resources"
            folder = stack.enter_context(as_file(resources / "print"))
            fonts = [resources / "fonts", files("signing") / "resources" / "fonts"]
            paths = [str(stack.enter_context(as_file(font))) for font in fonts]
            stencil = folder / f"{template}_stencil.typ"
            if stencil.exists():
                values = {**values, "stencil": list(_compile(stencil, paths, values, moment))}
            return _compile(folder / f"{template}.typ", paths, values, moment)


def _compile(source: Path, fonts: list[str], values: Mapping[str, Any], moment: dt.datetime) -> bytes:
    """Compile one template. Values are data of `sys.inputs`: nothing of them is read as markup or code."""
    pdf = typst.compile(
        str(source),
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
        timestamp=int(moment.timestamp()),
        pdf_tags=source.stem in _TAGGED,
    )
    return bytes(pdf)
