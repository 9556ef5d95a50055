from projects.models.appearances import Appearance, Kind, NamedPart
from projects.models.projects import Nature, Project, ProjectPart
from projects.models.ranks import ProjectCount, ProjectRank
from projects.models.sakigake import SakigakeProject

__all__ = [
    "Appearance",
    "Kind",
    "NamedPart",
    "Nature",
    "Project",
    "ProjectCount",
    "ProjectPart",
    "ProjectRank",
    "SakigakeProject",
]
