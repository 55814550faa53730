"""Jobs over the Palmer penguins: plain programs that know nothing of Airflow or Dagwright."""
