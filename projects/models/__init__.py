from projects.models.appearances import AmountKind, Appearance, NamedPart
from projects.models.projects import Nature, Project, ProjectPart
from projects.models.ranks import ProjectCount, ProjectRank
from projects.models.sakigake import SakigakeProject

__all__ = [
    "AmountKind",
    "Appearance",
    "NamedPart",
    "Nature",
    "Project",
    "ProjectCount",
    "ProjectPart",
    "ProjectRank",
    "SakigakeProject",
]
