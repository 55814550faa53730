from __future__ import annotations

from dagwright.graph import DagGraph, format_mermaid


def test_the_typical_dag(typical: DagGraph) -> None:
    assert (
        format_mermaid(typical)
        == """\
flowchart LR
  subgraph group_jobs["jobs"]
    task_jobs_fetch_rates["fetch_rates<br/><small>ProcessJob</small>"]
    task_jobs_tidy_rates["tidy_rates<br/><small>ProcessJob</small>"]
  end
  subgraph group_validators["validators"]
    task_validators_rates_csv["rates_csv<br/><small>FileValidation</small>"]
    task_validators_tidy_csv["tidy_csv<br/><small>FileValidation</small>"]
  end
  subgraph group_publishers["publishers"]
    task_publishers_sftp["sftp<br/><small>SftpPublish</small>"]
    task_publishers_public["public<br/><small>S3Publish</small>"]
  end
  group_jobs --> group_validators
  task_jobs_fetch_rates --> task_jobs_tidy_rates
  group_validators --> group_publishers
"""
    )


def test_labels_of_edges_and_mapped_tasks(warehouse: DagGraph) -> None:
    lines = format_mermaid(warehouse).splitlines()
    assert '  task_decide -->|"month end"| task_report_full' in lines
    assert '    task_report_full[["full<br/><small>PythonOperator</small>"]]' in lines


def test_what_mermaid_and_markdown_read_as_signs_is_spelt_out(nasty: DagGraph) -> None:
    text = format_mermaid(nasty)
    text.encode()
    assert text.splitlines()[1:7] == [
        '  subgraph group_g["g"]',
        '    task_g_end["1#46; #34;quoted#34; [x] #96;code#96;<br/><small>Op#60;er#62;a#38;tor</small>"]',
        '    task_g_a_b["#95;#95;init#95;#95; #42;b#42; #35;9#59; --#62;"]',
        '    task_g_a_b_2["#65533; #65533; ]]#62; #37;#37;"]',
        "  end",
        '  task_end["end<br/><small>日本語</small>"]',
    ]
    assert '  subgraph group_nothing["nothing"]\n  end\n' in text
