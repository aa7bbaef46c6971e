"""The parts that the case folders are made with; run by the scripts beside this folder."""
