"""The files that the demo's jobs work on: C modules, scripts, tests. Real, and made here."""

import textwrap
from collections.abc import Mapping

CASES = 12
FUNCTIONS = 220
"""In each C module: about a second of `cc -O2`."""

CORPUS = """
import random, sys
seed, size, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
chance = random.Random(seed)
letters = "eeetttaaoinshrdlucmfwypvbgkqjxz"
words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(4000)]
with open(path, "w") as file:
    while file.tell() < size:
        file.write(" ".join(chance.choices(words, k=12)) + "\\n")
print(f"{path}: {size} bytes of words")
"""

FETCH = """
import hashlib, sys, urllib.error, urllib.request
url, path = sys.argv[1:]
digest, size = hashlib.sha256(), 0
try:
    with urllib.request.urlopen(url) as answer, open(path, "wb") as file:
        total = int(answer.headers["Content-Length"])
        while piece := answer.read(1 << 20):
            digest.update(piece)
            size += file.write(piece)
            print(f"{size * 100 // total:3} %  {size} of {total} bytes", flush=True)
except urllib.error.HTTPError as refused:
    print(f"{url}: {refused.code} {refused.reason}", file=sys.stderr)
    sys.exit(75)
print(digest.hexdigest(), path)
"""

PRIMES = """
import signal, sys
found = 0
def leave(*_):
    print(f"asked to end: {found} primes so far", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
number = 2
while True:
    if all(number % factor for factor in range(2, int(number ** 0.5) + 1)):
        found += 1
        if found % 2000 == 0:
            print(f"{found:7} primes up to {number}", flush=True)
    number += 1
"""

TESTS = """
import hashlib, random, unittest, zlib

class Compression(unittest.TestCase):
    def test_round_trip(self):
        chance = random.Random(SEED)
        for size in range(1, 4000, 37):
            data = bytes(chance.choices(range(32), k=size))
            self.assertEqual(zlib.decompress(zlib.compress(data, 9)), data)

class Sorting(unittest.TestCase):
    def test_sorted_is_ordered(self):
        chance = random.Random(SEED)
        for _ in range(500):
            numbers = sorted(chance.random() for _ in range(2000))
            self.assertTrue(all(a <= b for a, b in zip(numbers, numbers[1:])))

class Digest(unittest.TestCase):
    def test_pieces_make_the_whole(self):
        data = bytes(range(256)) * 4000
        pieces = hashlib.sha256()
        for start in range(0, len(data), 4096):
            pieces.update(data[start:start + 4096])
        self.assertEqual(pieces.digest(), hashlib.sha256(data).digest())

if __name__ == "__main__":
    unittest.main(verbosity=2)
"""

BROKEN = "int main(void)\n{\n    return undeclared;\n}\n"


def scripts(tests: int) -> Mapping[str, str]:
    """Python files by name; `tests` of them are test files."""
    named = {"corpus.py": CORPUS, "fetch.py": FETCH, "primes.py": PRIMES}
    for number in range(tests):
        named[f"test_{number}.py"] = f"SEED = {number}\n{TESTS}"
    return {name: text.lstrip() for name, text in named.items()}


def c_sources(modules: int) -> Mapping[str, str]:
    """C files by name: the modules, a main that calls all of them, and one with an error."""
    named = {f"module_{number}.c": _module(number) for number in range(modules)}
    return named | {"main.c": _main(modules), "broken.c": BROKEN}


def python_modules(modules: int) -> Mapping[str, str]:
    """What is compiled where no C compiler is: Python files, and one with an error."""
    body = "\n".join(f"def step_{n}(x):\n    return x * {n} + 1\n" for n in range(3000))
    named = {f"module_{number}.py": body for number in range(modules)}
    return named | {"broken.py": "def broken(:\n"}


def _module(number: int) -> str:
    calls = "".join(f"    x = step_{step}(x);\n" for step in range(FUNCTIONS))
    steps = "\n".join(_step(step) for step in range(FUNCTIONS))
    return f"{steps}\nunsigned module_{number}(unsigned x)\n{{\n{calls}    return x;\n}}\n"


def _step(step: int) -> str:
    cases = "\n".join(
        f"        case {case}: x *= {1000003 + 2 * case + step}u; x ^= x >> {case + 3}; break;"
        for case in range(CASES)
    )
    return textwrap.dedent(
        f"""\
        static unsigned step_{step}(unsigned x)
        {{
            for (unsigned i = 0; i < {step % 29 + 17}; i++)
                switch ((x + i) % {CASES}) {{
        {{cases}}
                }}
            return x;
        }}
        """
    ).replace("{cases}", cases)


def _main(modules: int) -> str:
    heads = "".join(f"unsigned module_{number}(unsigned);\n" for number in range(modules))
    calls = "".join(f"    x = module_{number}(x);\n" for number in range(modules))
    return (
        f"#include <stdio.h>\n{heads}int main(void)\n{{\n    unsigned x = 42;\n{calls}"
        '    printf("checksum %08x\\n", x);\n    return 0;\n}\n'
    )
