"""DW5xx: making Airflow's objects from factories that are right in themselves."""

from __future__ import annotations

from dagwright.diagnostics.codes.code import Code

__all__ = ["CODES"]

CODES = (
    Code(
        code="DW501",
        title="a factory raises",
        explanation=(
            "A factory's own code raised an exception while it read its fields, checked them or made its tasks. "
            "The message shows the exception, the line in that code, and the place in the data that led to it. "
            "If the data is at fault, let the factory check it in a validator: then the mistake is found without "
            "Airflow and as DW210."
        ),
    ),
    Code(
        code="DW502",
        title="a factory returns nothing",
        explanation=(
            "`make_operator` returned nothing, or something that is no operator, TaskGroup or XComArg, or "
            "`make_operators` made no operator. "
            "The task would be missing from the DAG without a word. "
            "Return what was made; a factory that makes several operators implements `make_operators`."
        ),
        example_wrong="""\
def make_operator(self):
    EmptyOperator(task_id="done")
""",
        example_right="""\
def make_operator(self):
    return EmptyOperator(task_id="done")
""",
        language="python",
    ),
    Code(
        code="DW503",
        title="a factory in the data is never made",
        explanation=(
            "The file describes a task that the DAG factory's code never turned into one. "
            "Somebody wrote it and expects it to run, so nothing is left out in silence. "
            "In `make_tasks`, wire the field or call its `make_operator`; a condition in that code may have skipped it."
        ),
        example_wrong="""\
class DownloaderDag(DagFactory):
    downloads: list[DownloadFile]
    publish: list[Publisher] = []

    def make_tasks(self) -> None:
        chain(self.downloads)
""",
        example_right="""\
class DownloaderDag(DagFactory):
    downloads: list[DownloadFile]
    publish: list[Publisher] = []

    def make_tasks(self) -> None:
        chain(self.downloads, self.publish)
""",
        language="python",
    ),
    Code(
        code="DW504",
        title="depends_on is never wired",
        explanation=(
            "The file says that a task depends on another, and the finished DAG has no such dependency. "
            "This happens where the code that holds the factories makes them one by one and skips their order. "
            "Make them together with the list or mapping they stand in, or wire the dependency by hand."
        ),
    ),
    Code(
        code="DW505",
        title="operator arguments do not fit",
        explanation=(
            "The operator's constructor does not take these arguments: one is unknown, one is missing, or it raised. "
            "Arguments differ between versions of a provider, so the installed one decides. "
            "Correct `args`, or what stands in `task_args`, which takes the arguments common to all operators."
        ),
        example_wrong="""\
tasks:
  wait:
    type: operator
    class: airflow.providers.standard.sensors.filesystem.FileSensor
    args: {file_path: out/rates.csv}
""",
        example_right="""\
tasks:
  wait:
    type: operator
    class: airflow.providers.standard.sensors.filesystem.FileSensor
    args: {filepath: out/rates.csv}
""",
    ),
    Code(
        code="DW506",
        title="Airflow refuses a DAG argument",
        explanation=(
            "A value has the right type and Airflow's `DAG` does not accept it, such as a schedule that is no cron "
            "expression. "
            "The message is Airflow's own, so it depends on the installed version. "
            "Correct the value."
        ),
        example_wrong="""\
schedule: "every morning"
""",
        example_right="""\
schedule: "0 6 * * *"
""",
    ),
    Code(
        code="DW507",
        title="cycle of groups",
        explanation=(
            "The tasks form no circle, and their TaskGroups do: something in the first group waits for the second, and "
            "something in the second waits for the first. "
            "Airflow cannot draw or order such groups. "
            "Move one of the tasks into another group, or make the groups depend on each other as wholes."
        ),
    ),
    Code(
        code="DW508",
        title="runtime 'process' refused",
        explanation=(
            "A container job would run as a subprocess of the Airflow worker, and the project does not allow that for "
            "this environment. "
            "The command would run with the worker's rights and without its image. "
            "Choose another runtime for the environment, or allow `process` for it in dagwright.toml if that is what "
            "you want."
        ),
    ),
    Code(
        code="DW509",
        title="package missing",
        explanation=(
            "The factory needs a package that is not installed here, usually a provider or a client library. "
            "The message names the extra to install, such as `dagwright[sftp]`. "
            "Dagwright itself stays small, so that checking needs none of them."
        ),
        example_wrong="""\
pip install dagwright
""",
        example_right="""\
pip install 'dagwright[sftp]'
""",
        language="text",
    ),
    Code(
        code="DW510",
        title="duplicate task id",
        explanation=(
            "Two tasks or TaskGroups of the finished DAG have the same id. "
            "The names in the file differ, so a factory made an id of its own that was already taken. "
            "Let the factory derive its task ids from its name, or rename one of the two entries."
        ),
    ),
    Code(
        code="DW511",
        title="operator class cannot be imported",
        explanation=(
            "The class that `type: operator` names is allowed and cannot be imported: the module is missing, it "
            "raises, or it has no such class. "
            "Check the spelling and that the provider's package is installed; classes also move between versions of "
            "a provider."
        ),
        example_wrong="""\
tasks:
  wait: {type: operator, class: airflow.providers.standard.sensors.files.FileSensor, args: {filepath: out/rates.csv}}
""",
        example_right="""\
tasks:
  wait:
    type: operator
    class: airflow.providers.standard.sensors.filesystem.FileSensor
    args: {filepath: out/rates.csv}
""",
    ),
    Code(
        code="DW512",
        title="DAG id of its own",
        explanation=(
            "A class's own `make_dag` gives its DAG another id than the file has. "
            "The DAG works, but what reads the data alone, such as `dagwright ls dags`, knows it by the file's id. "
            "Let `make_dag` use the id of the DAG that `super().make_dag()` returns, or give the file that `dag_id`."
        ),
    ),
)
