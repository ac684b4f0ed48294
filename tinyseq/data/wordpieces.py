"""Word pieces: a word that is not listed is cut into listed parts, so that no word is unknown.

    unaffable -> un ##aff ##able           ## marks what goes on within a word

Wu et al. 2016, section 4.1; Devlin et al. 2019 put [CLS] before a text and [SEP] behind it. What is listed belongs to
the pretrained network; the cutting is done by the library `tokenizers`.
"""
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tinyseq.backend import host

np = host.np


class WordPieces:
    """The pieces of a pretrained network.

    Made with   path of its tokenizer.json
    Call        encode(text) -> ids (T,), [CLS] and [SEP] included, however long     len() -> V
                .pad is the id that fills a batch; .sha256 is that of the file
    Raises      ValueError, with the command that installs it, where the library is missing; for a file that is none
    """

    def __init__(self, path: Path):
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise ValueError("word pieces are cut by the package tokenizers, which is not installed: "
                             "pip install tokenizers, or the extra [text] of tinyseq") from None
        try:
            self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:                         # the library raises plain Exception for a damaged file
            raise ValueError(f"{path} is no file of a tokenizer ({error}): take another copy") from None
        self._tokenizer.no_truncation()                    # the file may ask for both
        self._tokenizer.no_padding()
        self.pad = self._tokenizer.token_to_id("[PAD]")

    def __len__(self) -> int:
        return self._tokenizer.get_vocab_size()

    def encode(self, text: str) -> Any:
        return np.array(self._tokenizer.encode(text).ids, np.int64)
