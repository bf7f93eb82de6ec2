/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* BIO_get_mem_data is a macro with a cast, which Swift does not import. */
static inline long wharf_bio_contents(BIO *bio, char **contents) { return BIO_get_mem_data(bio, contents); }
