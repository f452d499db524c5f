"""Work of Daft's own threads: TPC-H."""
