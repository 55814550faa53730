"""Jobs over the Palmer penguins: plain programs that know nothing of Airflow or Dagwright.

In production they would be the image `penguin-jobs`; the example's environment `dev` runs them as processes.
"""
