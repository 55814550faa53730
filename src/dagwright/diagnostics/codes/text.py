"""DW1xx: a file whose text cannot be read as data."""

from __future__ import annotations

from dagwright.diagnostics.codes.code import Code

__all__ = ["CODES"]

CODES = (
    Code(
        code="DW101",
        title="not UTF-8",
        explanation=(
            "The file holds bytes that are not UTF-8. "
            "Guessing another encoding would turn some names into others without anybody noticing. "
            "Save the file as UTF-8; `iconv -f latin1 -t utf-8` converts one that came from an older system. "
            "A file that is no text at all does not belong under the project's DAG patterns."
        ),
    ),
    Code(
        code="DW102",
        title="file too large",
        explanation=(
            "The file is larger than any description of a DAG. "
            "It is refused before it is read, because one such file would keep every other DAG of the folder waiting. "
            "Keep data out of DAG files: put it beside them and name its path. "
            "If the file is no DAG at all, narrow the patterns in dagwright.toml or list it in .airflowignore."
        ),
    ),
    Code(
        code="DW103",
        title="YAML syntax",
        explanation=(
            "The text is not valid YAML, so nothing in it can be checked further. "
            "The marked place is where the reader gave up; the mistake is there or shortly before it. "
            "Often it is a missing space after a colon, a quote that is never closed, or a plain text "
            "that begins with one of `@ * & ! % {` or holds a colon followed by a space. "
            "Put such a text, and a `${{ }}` reference inside braces or brackets, into quotes."
        ),
        example_wrong="""\
schedule: @daily
""",
        example_right="""\
schedule: "@daily"
""",
    ),
    Code(
        code="DW104",
        title="tab in indentation",
        explanation=(
            "A line is indented with a tab. "
            "YAML forbids it, because a tab has no agreed width and the indentation carries the meaning. "
            "Replace the tab by spaces and let your editor insert spaces in YAML files."
        ),
        example_wrong="""\
tasks:
\tload: {type: python_job, callable: acme.jobs.load}
""",
        example_right="""\
tasks:
  load: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW105",
        title="duplicate key",
        explanation=(
            "The same key stands twice in one mapping. "
            "Most YAML readers keep the last value and drop the first in silence, which is how tasks disappear. "
            "Remove one of the two, or rename it if both are meant."
        ),
        example_wrong="""\
owner: market-data
schedule: "@daily"
owner: finance
""",
        example_right="""\
owner: finance
schedule: "@daily"
""",
    ),
    Code(
        code="DW106",
        title="merge key '<<'",
        explanation=(
            "The file uses the merge key `<<`. "
            "It is not part of YAML 1.2, and readers disagree about what it does with nested mappings and repeated "
            "keys. "
            "Values that several tasks share belong into the defaults of dagwright.toml or of the folder's "
            "defaults.yaml, where Dagwright also remembers which file each value came from."
        ),
        example_wrong="""\
common: &common {retries: 3}
task_args:
  <<: *common
  pool: warehouse
""",
        example_right="""\
task_args:
  retries: 3
  pool: warehouse
""",
    ),
    Code(
        code="DW107",
        title="unknown tag",
        explanation=(
            "A value carries a tag such as `!include` or `!!python/object`. "
            "Dagwright reads plain data only: a tag would ask the reader to run something or to make up a type. "
            "Remove the tag; quote the value if it has to be a string."
        ),
        example_wrong="""\
command: !env LOAD_COMMAND
""",
        example_right="""\
command: "${{ vars.load_command }}"
""",
    ),
    Code(
        code="DW108",
        title="alias expands too far or contains itself",
        explanation=(
            "Aliases (`*name`) repeat what an anchor (`&name`) marks. "
            "Here they refer to each other so often that a few lines would expand into a huge document, or one lies "
            "inside its own anchor and would never end. "
            "Write the values out, or move what is shared into defaults."
        ),
        example_wrong="""\
tasks: &all
  again: *all
""",
        example_right="""\
tasks:
  again: {type: python_job, callable: acme.jobs.again}
""",
    ),
    Code(
        code="DW109",
        title="JSON syntax",
        explanation=(
            "The file ends in .json and is not valid JSON, so nothing in it can be checked further. "
            "The marked place is where the reader gave up. "
            "Common causes are a comma after the last item, single quotes and comments, none of which JSON knows. "
            "If you want comments, write the file as YAML."
        ),
        example_wrong="""\
{"schedule": "@daily", "owner": "finance",}
""",
        example_right="""\
{"schedule": "@daily", "owner": "finance"}
""",
        language="json",
    ),
    Code(
        code="DW110",
        title="empty file",
        explanation=(
            "The file is empty or holds nothing but comments. "
            "A DAG without content is never meant: usually a file was created and forgotten, or its writing was "
            "interrupted. "
            "Fill it in, delete it, or list it in .airflowignore."
        ),
        example_wrong="""\
# the rates, some day
""",
        example_right="""\
schedule: "@daily"
tasks:
  load: {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW111",
        title="not a mapping",
        explanation=(
            "The top of the file is a list or a single value. "
            "A DAG file is a mapping: its keys are the fields of the DAG factory, and `type` names that factory "
            "where neither the project nor the folder does. "
            "Put the list under the field it belongs to."
        ),
        example_wrong="""\
- name: fetch
- name: load
""",
        example_right="""\
jobs:
  job_definitions:
    - {name: fetch, docker_image: rates, command: python fetch.py}
    - {name: load, docker_image: rates, command: python load.py}
""",
    ),
    Code(
        code="DW112",
        title="several documents",
        explanation=(
            "The file holds more than one YAML document, separated by `---`. "
            "One file is one DAG: its id comes from the file's name, and a mistake in it breaks this DAG alone. "
            "Write each document into a file of its own."
        ),
        example_wrong="""\
schedule: "@daily"
---
schedule: "@hourly"
""",
        example_right="""\
schedule: "@daily"
""",
    ),
    Code(
        code="DW113",
        title="key is no string",
        explanation=(
            "A key is a number, a truth value, null, a list or a mapping. "
            "Keys are names of fields and tasks, and JSON knows only strings there. "
            "Quote the key."
        ),
        example_wrong="""\
tasks:
  2024: {type: python_job, callable: acme.jobs.load}
""",
        example_right="""\
tasks:
  "2024": {type: python_job, callable: acme.jobs.load}
""",
    ),
    Code(
        code="DW114",
        title="control character or lone surrogate",
        explanation=(
            "The text holds a control character, or half of a surrogate pair. "
            "Such characters are invisible in an editor, are not allowed in YAML, and break terminals, logs and "
            "databases later. "
            "Remove it; they usually come in by copying from a terminal or by a broken conversion."
        ),
        example_wrong="""\
{"owner": "finance\\ud800"}
""",
        example_right="""\
{"owner": "finance"}
""",
        language="json",
    ),
    Code(
        code="DW115",
        title="TOML syntax",
        explanation=(
            "dagwright.toml or pyproject.toml is not valid TOML, so no DAG of the project can be loaded. "
            "The marked place is where the reader gave up. "
            "Texts need quotes in TOML, and a table or a key may be given only once."
        ),
        example_wrong="""\
[defaults.dag]
owner = data-platform
""",
        example_right="""\
[defaults.dag]
owner = "data-platform"
""",
        language="toml",
    ),
    Code(
        code="DW116",
        title="file not readable",
        explanation=(
            "The operating system refuses to open the file: permissions, a link that leads nowhere, or a folder "
            "with the name of a file. "
            "The message says which. "
            "The user that runs Dagwright, and the DAG processor later, needs to read every file of the project."
        ),
    ),
    Code(
        code="DW117",
        title="nested too deeply",
        explanation=(
            "Lists and mappings stand inside each other deeper than any factory's fields could be. "
            "Reading on could exhaust the process, so the file is refused. "
            "Such files are usually generated: look at the program that wrote it."
        ),
    ),
)
