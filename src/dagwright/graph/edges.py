"""The dependencies as Airflow's UI draws them: one edge where a whole group waits or is waited for.

Airflow knows which groups were wired to each other, a rendered DAG only which tasks wait for which. Where
every leaf of one group (or task) is upstream of every root of another, one edge says the same, and the picture
stays readable. The edges drawn stand for every dependency between tasks exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from dagwright.graph.dag_graph import DagGraph, GraphEdge

__all__ = ["drawn_edges", "group_leaves", "group_roots"]


def drawn_edges(graph: DagGraph) -> tuple[GraphEdge, ...]:
    """Reduce the dependencies between tasks to edges between tasks and groups, sorted, with their labels."""
    return _Reduction(graph).edges()


def group_roots(graph: DagGraph, group_id: str) -> tuple[str, ...]:
    """Return the tasks in a group that wait for nothing inside the group, sorted."""
    return _Reduction(graph).ends(group_id)[0]


def group_leaves(graph: DagGraph, group_id: str) -> tuple[str, ...]:
    """Return the tasks in a group that the next group waits for, sorted: no teardowns, as in Airflow."""
    return _Reduction(graph).ends(group_id)[1]


class _Reduction:
    """One graph with what is looked up over and over while its edges are reduced."""

    def __init__(self, graph: DagGraph) -> None:
        self.graph = graph
        self.around = {task.task_id: (task.task_id, *graph.groups_around(task.task_id)) for task in graph.tasks}
        self.pairs = {(upstream, task.task_id) for task in graph.tasks for upstream in task.upstream}
        self.labels = {(edge.upstream, edge.downstream): edge.label for edge in graph.edge_labels}
        self.downstream: dict[str, list[str]] = {task.task_id: [] for task in graph.tasks}
        for upstream, downstream in sorted(self.pairs):
            self.downstream[upstream].append(downstream)
        self._members: dict[str, set[str]] = {group.group_id: set() for group in graph.groups}
        for task_id, (_, *groups) in self.around.items():
            for group_id in groups:
                self._members[group_id].add(task_id)
        self._ends: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def edges(self) -> tuple[GraphEdge, ...]:
        candidates = {ends for pair in self.pairs for ends in self._around_both(*pair)}
        covered = {ends: tasks for ends in candidates if (tasks := self._covered(*ends)) is not None}
        # The widest edge first; of equals the outermost, which has the shorter ids around it.
        order = sorted(covered, key=lambda ends: (-len(covered[ends]), self._depth(*ends), ends))
        drawn, left = [], set(self.pairs)
        for ends in order:
            if covered[ends] <= left:
                left -= covered[ends]
                drawn.append(GraphEdge(upstream=ends[0], downstream=ends[1], label=self._label(ends, covered[ends])))
        return tuple(sorted(drawn))

    def ends(self, full_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return roots and leaves of a group; of a task, the task itself."""
        if full_id not in self._members:
            return (full_id,), (full_id,)
        if full_id not in self._ends:
            members = self._members[full_id]
            tasks = self.graph.task_by_id
            roots = tuple(sorted(each for each in members if members.isdisjoint(tasks[each].upstream)))
            self._ends[full_id] = roots, tuple(sorted(set(self._leaves(members))))
        return self._ends[full_id]

    def _leaves(self, members: set[str]) -> Iterator[str]:
        """Yield what a group's dependants wait for; a teardown at the end gives way to what it clears up after."""
        tasks = self.graph.task_by_id
        for task_id in members:
            if not members.isdisjoint(self.downstream[task_id]):
                continue
            seen, waiting = {task_id}, [task_id]
            while waiting:
                task = tasks[waiting.pop()]
                if not task.is_teardown:
                    yield task.task_id
                    continue
                for upstream in task.upstream:
                    if upstream not in members or upstream in seen or (tasks[upstream].is_setup):
                        continue
                    if tasks[upstream].is_teardown or not self._goes_on(upstream, members):
                        seen.add(upstream)
                        waiting.append(upstream)

    def _goes_on(self, task_id: str, members: set[str]) -> bool:
        below = (self.graph.task_by_id[each] for each in self.downstream[task_id] if each in members)
        return any(not task.is_teardown for task in below)

    def _around_both(self, upstream: str, downstream: str) -> Iterator[tuple[str, str]]:
        shared = set(self.around[upstream]) & set(self.around[downstream])
        yield from product(
            (each for each in self.around[upstream] if each not in shared),
            (each for each in self.around[downstream] if each not in shared),
        )

    def _covered(self, upstream: str, downstream: str) -> frozenset[tuple[str, str]] | None:
        """Return the dependencies that an edge would stand for, or None where it would say too much."""
        tasks = frozenset(product(self.ends(upstream)[1], self.ends(downstream)[0]))
        if not tasks or not tasks <= self.pairs:
            return None
        own_labels = {self.labels.get(pair, "") for pair in tasks}
        return tasks if len(own_labels) == 1 else None

    def _label(self, ends: tuple[str, str], tasks: frozenset[tuple[str, str]]) -> str:
        return self.labels.get(ends) or self.labels.get(min(tasks), "")

    def _depth(self, upstream: str, downstream: str) -> int:
        return sum(1 for each in (upstream, downstream) for _ in self.graph.groups_around(each))
