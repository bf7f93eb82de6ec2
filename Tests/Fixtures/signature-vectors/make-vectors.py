#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the toy keys and the certificate of the interoperability vectors (see README.md) beside this file."""
import hashlib, math, os, random, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))

def is_prime(n):
    for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    rng = random.Random(1)
    for _ in range(24):
        x = pow(rng.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True

def prime(label):
    text = hashlib.sha512(f"{label}-0".encode()).digest() + hashlib.sha512(f"{label}-1".encode()).digest()
    n = int.from_bytes(text, "big") | 3 << 1022 | 1
    while not (is_prime(n) and n % 65537 != 1):
        n += 2
    return n

def der_int(n):
    b = n.to_bytes(n.bit_length() // 8 + 1, "big")
    return tlv(2, b)

def tlv(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + body

def key(label, name):
    p, q, e = prime(label + "-p"), prime(label + "-q"), 65537
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    parts = [0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p)]
    der = tlv(0x30, b"".join(map(der_int, parts)))
    path = os.path.join(HERE, name)
    subprocess.run(["openssl", "rsa", "-inform", "DER", "-out", path], input=der, check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["openssl", "rsa", "-in", path, "-pubout", "-out", path.replace(".key", ".pub")], check=True, stderr=subprocess.DEVNULL)
    print(name, hashlib.sha256((p * q).to_bytes(256, "big")).hexdigest())
    return path

def certificate(path):
    # Version 3, serial 1, no extensions: openssl's own tool would add some, so the body is written here.
    oid = lambda h: tlv(6, bytes.fromhex(h))
    name = tlv(0x30, tlv(0x31, tlv(0x30, oid("550403") + tlv(0x0c, b"test.example.org CernVM-FS Release Managers"))))
    algorithm = tlv(0x30, oid("2a864886f70d01010b") + tlv(5, b""))
    public = subprocess.run(["openssl", "rsa", "-in", path, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    validity = tlv(0x30, tlv(0x17, b"240101000000Z") + tlv(0x17, b"250101000000Z"))
    body = tlv(0x30, tlv(0xa0, tlv(2, b"\2")) + tlv(2, b"\1") + algorithm + name + validity + name + public)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", path], input=body, check=True, capture_output=True).stdout
    der = tlv(0x30, body + algorithm + tlv(3, b"\0" + signature))
    target = os.path.join(HERE, "repository.crt")
    subprocess.run(["openssl", "x509", "-inform", "DER", "-out", target], input=der, check=True)
    print("certificate", len(der), os.path.getsize(target), hashlib.sha1(der).hexdigest())

key("vector master", "master.key")
certificate(key("vector repo", "repository.key"))
