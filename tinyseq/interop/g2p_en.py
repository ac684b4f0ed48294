"""The checkpoint of the package g2p-en (Park and Kim 2019): English letters to phones with stress, by two GRUs.

    (1) s_Tk = GRU(E[letters, </s>])                           (B, H)
    (2) s_t  = GRU'(E'[phone_{t-1}], s_{t-1})                  (B, H)       s_{-1} = s_Tk
    (3) P(phone_t | phones before it, word) = softmax(s_t W_y + b_y)        (B, 74)

An encoder-decoder without attention (Sutskever et al. 2014), whose cells are PyTorch's GRU: the variant "cudnn". The
file is an npz archive:

    enc_emb (29, C)   enc_w_ih (3H, C)   enc_w_hh (3H, H)   enc_b_ih, enc_b_hh (3H,)     and dec_... with 74 rows
    fc_w (74, H)      fc_b (74,)

The package looks words up in a dictionary and asks the network only for those that it does not find; this page is the
network alone.
"""
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinyseq.backend import host
from tinyseq.interop.packages import check_shapes, package_file
from tinyseq.interop.recurrent import gru_from
from tinyseq.layers import GRU, Embedding
from tinyseq.layers.seq2seq import Encoder, Output, PlainDecoder, Seq2Seq

np = host.np

PACKAGE, FILE = "g2p-en", "checkpoint20.npz"
LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
PHONES = ("<pad>", "<unk>", "<s>", "</s>", *(
    "AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 ER2 EY0 EY1 "
    "EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 UH1 UH2 UW UW0 UW1 UW2 "
    "V W Y Z ZH").split())
UNKNOWN, END = LETTERS.index("<unk>"), LETTERS.index("</s>")


class G2PEn(Seq2Seq):
    """Equations (1)-(3), with the package's letters and phones.

    Made with  C: width of a symbol's row.  H: units of both cells.
    Use        model = interop.g2p_en.load()
               found = decoding.greedy(model, [model.letters(word) for word in words], max_length=20)
               [model.phones(answer.ids) for answer in found]
    Call, weights and errors: as Seq2Seq."""

    def __init__(self, C: int, H: int):
        encoder = Encoder(Embedding(len(LETTERS), C), GRU(C, H, variant="cudnn"))
        decoder = PlainDecoder(Embedding(len(PHONES), C), GRU(C, H, variant="cudnn"), Output(H, len(PHONES)))
        super().__init__(encoder, decoder, PHONES.index("<s>"), PHONES.index("</s>"))

    def letters(self, word: str) -> Any:
        """A word -> ids (T + 1,), its end included; a sign that is no letter from a to z is unknown."""
        return np.array([LETTERS.index(sign) if "a" <= sign <= "z" else UNKNOWN for sign in word.lower()] + [END])

    def phones(self, ids: Sequence[int]) -> list[str]:
        """ids -> phones with stress, such as AH0, without the end."""
        return [PHONES[i] for i in ids if i != self.eos]


def load(path: Path | None = None) -> G2PEn:
    """The network with the weights of an npz file; without one, of the installed package.

    Raises ValueError, with the command that installs it, if the package is missing; and for a file that is missing,
    damaged or of another network: which array, which shape, what was expected."""
    path = package_file(PACKAGE, FILE) if path is None else Path(path)
    theirs = _arrays(path)
    sizes = {name: theirs[name].shape[-1] for name in ("enc_emb", "enc_w_hh") if name in theirs and theirs[name].ndim}
    check_shapes(path, theirs, _shapes(C=sizes.get("enc_emb", 1), H=sizes.get("enc_w_hh", 1)))
    model = G2PEn(C=sizes["enc_emb"], H=sizes["enc_w_hh"])
    model.load_state_dict({**_half(model.encoder, "encoder", "enc", theirs),
                           **_half(model.decoder, "decoder", "dec", theirs),
                           "decoder.output.W_y": theirs["fc_w"].T, "decoder.output.b_y": theirs["fc_b"]})
    return model.eval()


def _half(half: Any, name: str, theirs_name: str, theirs: dict[str, Any]) -> dict[str, Any]:
    """The symbols' rows and the cell of encoder or decoder: their arrays -> ours, by the whole network's names."""
    gru = {f"{kind}_{product}_l0": theirs[f"{theirs_name}_{kind[0]}_{product}"]
           for kind in ("weight", "bias") for product in ("ih", "hh")}
    cell = {f"{name}.stack.{key}": array for key, array in gru_from(half.stack, gru).items()}
    return {f"{name}.embedding.W": theirs[f"{theirs_name}_emb"], **cell}


def _shapes(C: int, H: int) -> dict[str, tuple[int, ...]]:
    """What the file holds."""
    of_halves = {f"{half}_{name}": shape for half, V in (("enc", len(LETTERS)), ("dec", len(PHONES)))
                 for name, shape in (("emb", (V, C)), ("w_ih", (3 * H, C)), ("w_hh", (3 * H, H)), ("b_ih", (3 * H,)),
                                     ("b_hh", (3 * H,)))}
    return {**of_halves, "fc_w": (len(PHONES), H), "fc_b": (len(PHONES),)}


def _arrays(path: Path) -> dict[str, Any]:
    """The arrays of an npz file by name."""
    try:
        with np.load(path) as archive:                     # no pickles: a file holds numbers and runs nothing
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}: check the name") from None
    except (OSError, ValueError, EOFError, KeyError, AttributeError, TypeError, zipfile.BadZipFile,
            zlib.error) as error:
        raise ValueError(f"{path} is damaged, or was never an npz file ({error}): take another copy") from None
