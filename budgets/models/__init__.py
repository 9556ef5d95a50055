from budgets.models.lines import BudgetLine
from budgets.models.stages import Stage

__all__ = ["BudgetLine", "Stage"]
