"""Work of Daft's own threads: TPC-H, and many small tasks."""
