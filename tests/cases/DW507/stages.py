from dagwright import DagFactory, OperatorFactory


class Command(OperatorFactory):
    """Run a command."""

    command: str

    def make_operator(self):
        from airflow.providers.standard.operators.bash import BashOperator

        return BashOperator(task_id=self.task_id, bash_command=self.command)


class Stage(OperatorFactory):
    """Commands that belong together."""

    commands: dict[str, Command]

    def make_operators(self):
        for command in self.commands.values():
            command.make_operator()


class TwoStageDag(DagFactory):
    """Load, then report; the check before the load belongs to the report."""

    load: Stage
    report: Stage

    def make_tasks(self):
        self.report.commands["check"] >> self.load.commands["upload"] >> self.report.commands["mail"]
