"""Compare YAML parsers on files as projects have them.

    python benchmarks/parsers.py [--files 40] [--tasks 20] [--rounds 15]

Every round parses the same files once with each parser, in an order that shifts from round to round, so that a busy
moment of the machine hits all of them. The garbage collector is off for all, as Dagwright pauses it. The table shows
the median over the rounds; parsers that are not installed are left out. "places" says whether the result still knows
where each key and value stands.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from dagwright.diagnostics import SourceText
from dagwright.source.yaml_parser import parse_yaml

JOB = """\
  fetch_{number}:
    type: container_job
    depends_on: [fetch_{before}]   # the upstream's files
    docker_image: ecb-rates
    command: "python fetch.py --day {{{{ ds }}}} --area {number}"
    task_args: {{retries: 3, pool: web}}
"""
UPLOAD = """\
  load_{number}:
    type: warehouse_upload
    depends_on: [fetch_{before}]
    warehouse:
      type: redshift
      cluster: dw
      connection_id: redshift_dw
      iam_role: "${{{{ vars.copy_role }}}}"
    schema: rates
    enabled: true
    sql: |
      select day, rate
      from rates_{number}
      where day = '{{{{ ds }}}}'
    tables:
      - {{name: daily_{number}, source_file: out/rates_{number}.csv, columns: [day, rate, source]}}
      - name: monthly_{number}
        source_file: out/monthly_{number}.csv
        columns:
          - month
          - {{name: rate, type: numeric}}
"""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A way to parse a text."""

    name: str
    places: bool
    parse: Callable[[str], object]


def make_file(tasks: int, number: int) -> str:
    """Write one DAG file of the shape that real ones have: every fourth task is a large one."""
    head = f'# rates of area {number}\nschedule: "0 {number % 24} * * *"\nowner: market-data\ntags: [rates]\ntasks:\n'
    shapes = ((UPLOAD if task % 4 == 3 else JOB, task) for task in range(tasks))
    return head + "".join(shape.format(number=task, before=task - 1) for shape, task in shapes)


def candidates() -> list[Candidate]:
    """Return every parser that is installed; ours first, which the ratios refer to."""
    found = [
        Candidate(name="libyaml compose + our builder", places=True, parse=parse_ours),
        Candidate(name="PyYAML compose in Python + our builder", places=True, parse=parse_ours_in_python),
        Candidate(name="PyYAML CSafeLoader", places=False, parse=lambda text: yaml.load(text, yaml.CSafeLoader)),
        Candidate(
            name="PyYAML CSafeLoader, compose only",
            places=True,
            parse=lambda text: yaml.compose(text, yaml.CSafeLoader),
        ),
        Candidate(name="PyYAML SafeLoader", places=False, parse=lambda text: yaml.load(text, yaml.SafeLoader)),
    ]
    try:
        import ruamel.yaml
    except ImportError:
        pass
    else:
        found.append(
            Candidate(name="ruamel.yaml, round trip", places=True, parse=lambda text: ruamel.yaml.YAML().load(text))
        )
    try:
        import ryaml  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        pass
    else:
        found.append(Candidate(name="ryaml", places=False, parse=ryaml.loads))
    return found


def parse_ours(text: str) -> object:
    """Parse as Dagwright does."""
    parsed = parse_yaml(SourceText("file.yaml", text))
    assert parsed.root is not None, parsed.diagnostics
    return parsed


def parse_ours_in_python(text: str) -> object:
    """Parse as Dagwright does where PyYAML came without libyaml."""
    from dagwright.source.yaml_builder import YamlBuilder
    from dagwright.source.yaml_composer import PythonComposing

    return YamlBuilder(SourceText("file.yaml", text)).build(PythonComposing(text).get_single_node())


def measure(found: list[Candidate], texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Return the seconds that each candidate needs for all texts, one number a round."""
    seconds: dict[str, list[float]] = {candidate.name: [] for candidate in found}
    for number in range(rounds):
        shift = number % len(found)
        for candidate in found[shift:] + found[:shift]:
            gc.collect()
            gc.disable()
            begin = time.perf_counter()
            kept = [candidate.parse(text) for text in texts]
            seconds[candidate.name].append(time.perf_counter() - begin)
            gc.enable()
            del kept
    return seconds


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    texts = [make_file(arguments.tasks, number) for number in range(arguments.files)]
    found = candidates()
    seconds = measure(found, texts, arguments.rounds)
    base = seconds[found[0].name]
    size = statistics.mean(len(text) for text in texts) / 1000
    print(
        f"{arguments.files} files of {arguments.tasks} tasks, {size:.1f} kB each, {arguments.rounds} rounds; ", end=""
    )
    print(f"PyYAML {importlib.metadata.version('pyyaml')}\n")
    print("| parser | places | ms a file | ratio (median of rounds) |\n|---|---|---|---|")
    for candidate in found:
        taken = seconds[candidate.name]
        ratio = statistics.median(mine / ours for mine, ours in zip(taken, base, strict=True))
        milliseconds = statistics.median(taken) / arguments.files * 1000
        print(f"| {candidate.name} | {'yes' if candidate.places else 'no'} | {milliseconds:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
