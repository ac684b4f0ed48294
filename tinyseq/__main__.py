"""python -m tinyseq"""
import sys

from tinyseq.cli import main

sys.exit(main())
