from projects.models.appearances import Appearance, Kind, NamedPart
from projects.models.places import ProjectPlace
from projects.models.projects import Nature, Project, ProjectPart
from projects.models.sakigake import SakigakeProject

__all__ = [
    "Appearance",
    "Kind",
    "NamedPart",
    "Nature",
    "Project",
    "ProjectPart",
    "ProjectPlace",
    "SakigakeProject",
]
