# What Airflow's DAG processor runs in production.
import airflow  # noqa: F401

from dagwright import load

load("dags/rates.dag.yaml", env="prod").make_dag()
