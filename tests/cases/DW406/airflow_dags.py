# What Airflow's DAG processor runs: Airflow is there already, and nobody has set DAGWRIGHT_ENV.
import airflow  # noqa: F401

from dagwright import load_project

for factory in load_project().dags:
    factory.make_dag()
