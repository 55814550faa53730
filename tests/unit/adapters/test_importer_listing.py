"""Which files of a bundle the importer takes for DAG files: patterns, links, and folders without a project."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dagwright.adapters.importer.listing import Listing, as_written
from dagwright.adapters.importer.rivals import Rivals
from dagwright.project import DagFile

TASKS = "tasks: {}\n"


def write(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("" if name.endswith(".toml") else TASKS)
    return root


def listed(bundle: Path) -> list[str]:
    listing = Listing(bundle, Rivals())
    files = sorted(path for path in bundle.rglob("*") if path.is_file())
    return [path.relative_to(bundle).as_posix() for path in files if listing.holds(path)]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write(tmp_path / "repository", "dagwright.toml", "dags/x.dag.yaml", "dags/values.yaml", "dags/defaults.yaml")


def test_a_project_says_which_files_are_dag_files(repository: Path):
    assert listed(repository) == ["dags/x.dag.yaml"]
    assert listed(repository / "dags") == ["x.dag.yaml"]
    assert listed(repository / "dags" / ".." / "dags") == ["x.dag.yaml"]


def test_links_lead_to_the_project_wherever_they_stand(repository: Path, tmp_path: Path):
    airflow = tmp_path / "airflow"
    airflow.mkdir()
    (airflow / "repository").symlink_to(repository)
    (airflow / "dags").symlink_to(repository / "dags")
    assert Listing(airflow, Rivals()).holds(airflow / "repository/dags/x.dag.yaml")
    for folder in ("repository/dags", "dags"):
        listing = Listing(airflow / folder, Rivals())
        assert listing.holds(airflow / folder / "x.dag.yaml")
        assert not listing.holds(airflow / folder / "values.yaml")
    assert as_written(airflow / "dags/x.dag.yaml") == repository / "dags/x.dag.yaml"
    # A project's own links keep their names, which its patterns and messages use.
    assert as_written(airflow / "repository/dags/x.dag.yaml") == airflow / "repository/dags/x.dag.yaml"


def test_without_a_project_names_say_what_a_dag_file_is(tmp_path: Path):
    write(tmp_path, "x.dag.yaml", "deep/y.dag.json", "z.dag.yml", "values.yaml", "dag.yaml", "deep/defaults.yaml")
    assert listed(tmp_path) == ["deep/y.dag.json", "x.dag.yaml", "z.dag.yml"]


def test_a_project_without_a_dag_file_is_an_error_and_said_once(tmp_path: Path):
    write(tmp_path, "one/dagwright.toml", "one/x.yaml", "one/y.yaml", "two/dagwright.toml", "two/dags/x.dag.yaml")
    listing = Listing(tmp_path, Rivals())
    assert not listing.holds(tmp_path / "one/x.yaml")
    ((root, (found,)),) = listing.errors.items()
    assert (root, found.code, found.file_name) == (tmp_path / "one", "DW409", "dagwright.toml")
    listing.errors.clear()
    assert not listing.holds(tmp_path / "one/y.yaml")
    assert listing.holds(tmp_path / "two/dags/x.dag.yaml")
    assert listing.errors == {}


class TestProjectFileThatCannotBeRead:
    """Each of its files is listed, so that Airflow keeps its DAG and has a place for the error."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        root = write(tmp_path / "project", "dags/x.dag.yaml", "dags/bound/y.yml", "dags/values.yaml")
        (root / "dagwright.toml").write_text('[[bind]]\npath = "dags/bound/*.yml"\ntype = "pipeline"\n')
        return root

    @staticmethod
    def look(bundle: Path, rivals: Rivals) -> tuple[list[str], Listing]:
        listing = Listing(bundle, rivals)
        held = []
        for path in sorted(path for path in bundle.rglob("*") if path.suffix in {".yaml", ".yml"}):
            if listing.holds(path):
                held.append(path.relative_to(bundle).as_posix())
            else:
                listing.pass_over(path)
        listing.end()
        return held, listing

    @pytest.mark.parametrize("bundle", [".", "dags"])
    def test_files_are_known_by_their_names_and_from_the_last_look(self, project: Path, bundle: str):
        rivals = Rivals()
        sound, _ = self.look(project / bundle, rivals)
        assert len(sound) == 2
        (project / "dagwright.toml").write_text("[[[")
        held, listing = self.look(project / bundle, rivals)
        assert held == sound
        assert [found.code for found in listing.errors[project]] == ["DW115"]
        assert listing.shown_at(project) == (project / "dagwright.toml" if bundle == "." else None)
        assert not listing.is_silent_about(project)
        # A processor that has just started knows the names alone.
        assert [Path(name).name for name in self.look(project / bundle, Rivals())[0]] == ["x.dag.yaml"]

    def test_another_file_shows_the_error_where_there_is_none(self, project: Path):
        (project / "dagwright.toml").write_text("[[[")
        held, listing = self.look(project / "dags/bound", Rivals())
        assert held == []
        assert listing.shown_at(project) == project / "dags/bound/y.yml"

    def test_nothing_can_show_it_in_an_empty_bundle(self, project: Path):
        (project / "dagwright.toml").write_text("[[[")
        _, listing = self.look(write(project, "code/x.py") / "code", Rivals())
        assert list(listing.errors) == [project]
        assert listing.is_silent_about(project)


@pytest.mark.parametrize(("bundle", "shown"), [(".", "dagwright.toml"), ("dags", "dags/a.yaml")])
def test_a_project_without_a_dag_file_is_shown_at_its_file_or_at_one_that_it_left_out(
    tmp_path: Path, bundle: str, shown: str
):
    write(tmp_path, "dagwright.toml", "dags/b.yaml", "dags/a.yaml", "dags/defaults.yaml")
    listing = Listing(tmp_path / bundle, Rivals())
    for name in ("b", "a"):
        assert not listing.holds(tmp_path / f"dags/{name}.yaml")
        listing.pass_over(tmp_path / f"dags/{name}.yaml")
    listing.end()
    assert listing.shown_at(tmp_path) == tmp_path / shown


def test_what_concerns_no_file_is_logged(repository: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "elsewhere.yaml").write_text(TASKS)
    (repository / "dags/linked.dag.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with caplog.at_level(logging.WARNING, "dagwright"):
        assert listed(repository) == ["dags/x.dag.yaml"]
    assert "DW211" in caplog.text
    assert "dags/linked.dag.yaml" in caplog.text


@pytest.mark.parametrize(
    "files", [("dagwright.toml", "dags/a/x.dag.yaml", "dags/b/x.dag.yaml"), ("a/x.dag.yaml", "b/x.dag.yaml")]
)
def test_rivals_are_known_after_the_listing(tmp_path: Path, files: tuple[str, ...]):
    write(tmp_path, *files)
    rivals = Rivals()
    listing = Listing(tmp_path, rivals)
    for name in reversed(files):
        listing.holds(tmp_path / name)
    listing.end()
    assert rivals.of(tmp_path / files[-1]) == [tmp_path / files[-2]]
    assert rivals.of(tmp_path / files[-2]) == []


class TestRivals:
    @staticmethod
    def rivals(root: Path, files: dict[str, str], known: Rivals | None = None) -> dict[str, list[str]]:
        known = known or Rivals()
        dag_files = []
        for name, text in files.items():
            (root / name).write_text(text)
            dag_files.append(DagFile(path=root / name, name=name))
        known.look_at(root, dag_files)
        return {name: [path.name for path in known.of(root / name)] for name in files if known.of(root / name)}

    def test_most_files_have_none(self, tmp_path: Path):
        assert self.rivals(tmp_path, {"a.yaml": TASKS, "b.yaml": "dag_id: c\n", "d.yaml": "trigger_dag_id: a\n"}) == {}

    @pytest.mark.parametrize(
        "said",
        [
            "dag_id: a\n",
            "dag_id : 'a'\n",
            'tasks: {}\ndag_id: "a"  # why\n',
            '{"dag_id": "a"}',
            "{tasks: {}, dag_id: a}",
        ],
    )
    def test_an_id_is_seen_however_it_is_written(self, tmp_path: Path, said: str):
        assert self.rivals(tmp_path, {"a.dag.yaml": TASKS, "b.dag.yaml": said}) == {"b.dag.yaml": ["a.dag.yaml"]}

    def test_the_strongest_claim_has_none_and_the_weakest_has_all(self, tmp_path: Path):
        files = {"0.yaml": "dag_id: a\n", "a.json": "{}", "a.yaml": TASKS, "b.yaml": "dag_id: a\n"}
        assert self.rivals(tmp_path, files) == {
            "0.yaml": ["a.json", "a.yaml"],
            "a.yaml": ["a.json"],
            "b.yaml": ["a.json", "a.yaml", "0.yaml"],
        }

    def test_a_copy_asks_the_file_that_it_was_copied_from_and_not_the_other_way_round(self, tmp_path: Path):
        files = {"copy.dag.yaml": "dag_id: good\n", "good.dag.yaml": "dag_id: good\n"}
        assert self.rivals(tmp_path, files) == {"copy.dag.yaml": ["good.dag.yaml"]}

    def test_the_next_look_reads_what_changed(self, tmp_path: Path):
        known = Rivals()
        assert self.rivals(tmp_path, {"a.yaml": TASKS, "b.yaml": TASKS}, known) == {}
        assert self.rivals(tmp_path, {"a.yaml": TASKS, "b.yaml": "dag_id: a\n"}, known) == {"b.yaml": ["a.yaml"]}
        assert self.rivals(tmp_path, {"a.yaml": TASKS, "b.yaml": TASKS}, known) == {}

    def test_a_file_that_is_gone_is_no_rival(self, tmp_path: Path):
        known = Rivals()
        self.rivals(tmp_path, {"a.yaml": TASKS, "b.yaml": "dag_id: a\n"}, known)
        (tmp_path / "a.yaml").unlink()
        assert known.of(tmp_path / "b.yaml") == []
        known.look_at(tmp_path, [DagFile(path=tmp_path / name, name=name) for name in ("a.yaml", "b.yaml")])
        assert known.of(tmp_path / "b.yaml") == []
