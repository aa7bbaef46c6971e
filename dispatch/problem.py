"""The names of `dispatch.ground.problem` as release 0.1 had them."""

from .ground.problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel

__all__ = ["After", "Block", "Break", "Costs", "Crew", "Job", "Previous", "Problem", "Travel"]
