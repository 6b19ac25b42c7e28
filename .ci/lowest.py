"""The lower bounds of pyproject.toml as exact versions: constraints for pip."""

import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"].values()
for requirement in sum(extras, project["dependencies"]):
    if ">=" in requirement:
        print(requirement.replace(">=", "=="))
