from tinyseq import backend

collect_ignore = ["test_writes.py"] if backend.name == "strict" else []
