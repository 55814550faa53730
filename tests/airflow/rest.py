"""Airflow as everybody else sees it: its public REST API, with a token of the simple auth manager."""

from __future__ import annotations

from typing import Any

import httpx

__all__ = ["ENDED", "Rest"]

ENDED = frozenset({"success", "failed"})


class Rest:
    """A client of `/api/v2`, logged in as a user."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        answer = self._client.post("/auth/token", json={"username": user, "password": password})
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **parameters: Any) -> Any:
        return self._answer(self._client.get(f"/api/v2/{path}", params=parameters))

    def dags(self) -> dict[str, dict[str, Any]]:
        """Return every DAG that is not stale, by its id."""
        return {dag["dag_id"]: dag for dag in self.get("dags", limit=100)["dags"]}

    def import_errors(self) -> dict[str, str]:
        """Return each import error's text by `bundle:file`."""
        found = self.get("importErrors", limit=100)["import_errors"]
        texts = {f"{error['bundle_name']}:{error['filename']}": error["stack_trace"] for error in found}
        assert len(texts) == len(found), f"a file has two import errors: {found}"
        return texts

    def source(self, dag_id: str) -> str:
        """Return what the Code tab shows."""
        answer = self._client.get(f"/api/v2/dagSources/{dag_id}", headers={"Accept": "application/json"})
        text: str = self._answer(answer)["content"]
        return text

    def start_run(self, dag_id: str, run_id: str) -> None:
        body = {"dag_run_id": run_id, "logical_date": None}
        self._answer(self._client.post(f"/api/v2/dags/{dag_id}/dagRuns", json=body))

    def run_state(self, dag_id: str, run_id: str) -> str:
        state: str = self.get(f"dags/{dag_id}/dagRuns/{run_id}")["state"]
        return state

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Return the run's task instances by their task ids."""
        found = self.get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances", limit=100)["task_instances"]
        return {task["task_id"]: task for task in found}

    def tries(self, dag_id: str, run_id: str, task_id: str) -> list[dict[str, Any]]:
        """Return the tries of a task, the first one first."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/tries"
        return sorted(self.get(path)["task_instances"], key=lambda one: int(one["try_number"]))

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1) -> list[str]:
        """Return the log of one try, a message each."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}"
        content = self.get(path, full_content=True)["content"]
        return [line if isinstance(line, str) else str(line["event"]) for line in content]

    def _answer(self, answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json()
