"""Code that runs on a worker, behind the stock operators that the built-in factories make.

Jinja has been rendered when it runs. Airflow, the SDKs, pandas and Great Expectations are imported inside the
functions that use them, so that a project can be checked where none of them is installed.
"""
