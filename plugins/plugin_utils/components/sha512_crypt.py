# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SHA-512 crypt, the hash of crypt(3) that starts with $6$.

The controller's Python may have neither passlib nor the module crypt. Every step follows the specification,
https://www.akkadia.org/drepper/SHA-crypt.txt, whose numbers are given.
"""

from __future__ import annotations

import hashlib

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIZE = 64
THIRD = 21
LONGEST_SALT = 16


def sha512_crypt(password: str, salt: str, rounds: int) -> str:
    """Return the hash of a password."""
    secret, grain = password.encode(), salt[:LONGEST_SALT].encode()
    digest = _start(secret, grain)
    # 13 to 16
    repeated_secret = _stretched(_sha(secret * len(secret)), len(secret))
    # 17 to 20
    repeated_grain = _stretched(_sha(grain * (16 + digest[0])), len(grain))
    # 21
    for number in range(rounds):
        parts = [
            repeated_secret if number % 2 else digest,
            repeated_grain if number % 3 else b"",
            repeated_secret if number % 7 else b"",
            digest if number % 2 else repeated_secret,
        ]
        digest = _sha(b"".join(parts))
    return f"$6$rounds={rounds}${salt[:LONGEST_SALT]}${_encoded(digest)}"


def _sha(data: bytes) -> bytes:
    return hashlib.sha512(data).digest()


def _stretched(data: bytes, length: int) -> bytes:
    return (data * (length // SIZE + 1))[:length]


def _start(secret: bytes, grain: bytes) -> bytes:
    # 4 to 8
    other = _sha(secret + grain + secret)
    # 1 to 3, 9 and 10
    data = secret + grain + _stretched(other, len(secret))
    # 11 and 12
    length = len(secret)
    while length:
        data += other if length & 1 else secret
        length >>= 1
    return _sha(data)


def _encoded(digest: bytes) -> str:
    # 22: three bytes at a time, each time beginning at another third.
    first, second, third = 0, THIRD, 2 * THIRD
    text = []
    for _number in range(THIRD):
        text.append(_letters(digest[first] << 16 | digest[second] << 8 | digest[third], 4))
        first, second, third = second + 1, third + 1, first + 1
    return "".join([*text, _letters(digest[-1], 2)])


def _letters(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> 6 * number & 63] for number in range(count))
