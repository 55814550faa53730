"""The jobs: programs that know nothing of Airflow, and write into the folder that they are started in."""
