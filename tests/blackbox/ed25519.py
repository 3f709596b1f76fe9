"""Checks Ed25519 signatures (RFC 8032) from the definition of the curve alone, slowly."""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2
    return ((x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P)


def times(factor: int, point: Point) -> Point:
    result = (0, 1)
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


def point_of(encoded: bytes) -> Point:
    """ValueError if it is no point of the curve."""
    number = int.from_bytes(encoded, "little")
    y, odd = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square:
        raise ValueError("not on the curve")
    return (P - x if x % 2 != odd else x), y


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signature_holds(public_key: str, text: str, signature: str) -> bool:
    """Whether the owner of the key signed exactly this text; all but the text in hex digits."""
    key, signed = bytes.fromhex(public_key), bytes.fromhex(signature)
    digest = hashlib.sha512(signed[:32] + key + text.encode()).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    factor = int.from_bytes(signed[32:], "little")
    return times(factor, BASE) == add(point_of(signed[:32]), times(challenge, point_of(key)))
