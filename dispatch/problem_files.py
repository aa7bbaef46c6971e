"""The names of `dispatch.files.problem_files` as release 0.1 had them."""

from .files.problem_files import problem_from_dict, problem_to_dict, read_problem, write_problem

__all__ = ["problem_from_dict", "problem_to_dict", "read_problem", "write_problem"]
