/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * The limit of an ingest: gunzip of a layer, SHA-256 of its stream, and for each file SHA-256, compression and the
 * hash of the compressed bytes, all in memory and on one core. Nothing is parsed beyond the tar headers, nothing is
 * looked up, nothing is written.
 *
 *     ingest-limit LAYER.tar.gz fast|compact|identical|none
 *
 * Prints: input bytes (of the tar stream), files, CPU seconds, input bytes per CPU second.
 */
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { CHUNK = 4 << 20 };

static struct inflate_state state;
static unsigned char input[256 << 10];
static FILE *layer;
static EVP_MD_CTX *stream_hash;
static unsigned long long total;

static size_t read_tar(unsigned char *output, size_t wanted) {
    size_t filled = 0;
    while (filled < wanted) {
        if (state.avail_in == 0) {
            state.next_in = input;
            state.avail_in = fread(input, 1, sizeof input, layer);
            if (state.avail_in == 0) break;
        }
        state.next_out = output + filled;
        state.avail_out = wanted - filled;
        if (isal_inflate(&state) < 0) exit((fprintf(stderr, "not a gzip file\n"), 1));
        filled = wanted - state.avail_out;
        if (state.block_state == ISAL_BLOCK_FINISH) {
            isal_inflate_reset(&state);
            state.crc_flag = ISAL_GZIP;
        }
    }
    EVP_DigestUpdate(stream_hash, output, filled);
    total += filled;
    return filled;
}

static void digest(const EVP_MD *kind, const unsigned char *bytes, size_t count) {
    unsigned char result[EVP_MAX_MD_SIZE];
    EVP_Digest(bytes, count, result, NULL, kind, NULL);
}

static size_t compress_piece(const char *profile, const unsigned char *bytes, size_t count, unsigned char *output,
                             size_t space) {
    static struct isal_zstream fast;
    static unsigned char *levels;
    static struct libdeflate_compressor *compact;
    if (!strcmp(profile, "fast")) {
        if (!levels) levels = malloc(ISAL_DEF_LVL1_DEFAULT);
        isal_deflate_stateless_init(&fast);
        fast.level = 1;
        fast.level_buf = levels;
        fast.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
        fast.gzip_flag = IGZIP_ZLIB;
        fast.end_of_stream = 1;
        fast.next_in = (unsigned char *)bytes;
        fast.avail_in = count;
        fast.next_out = output;
        fast.avail_out = space;
        isal_deflate_stateless(&fast);
        return space - fast.avail_out;
    }
    if (!strcmp(profile, "identical")) {
        uLongf size = space;
        compress2(output, &size, bytes, count, 6);
        return size;
    }
    if (!compact) compact = libdeflate_alloc_compressor(6);
    return libdeflate_zlib_compress(compact, bytes, count, output, space);
}

int main(int argc, char **argv) {
    if (argc != 3 || !(layer = fopen(argv[1], "rb"))) return 2;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    stream_hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(stream_hash, EVP_sha256(), NULL);
    unsigned char header[512], *piece = malloc(CHUNK + 512), *output = malloc(CHUNK * 2);
    unsigned long files = 0;
    while (read_tar(header, 512) == 512 && header[0]) {
        unsigned long long size = strtoull((char *)header + 124, NULL, 8);
        int is_file = header[156] == '0' || header[156] == 0;
        files += is_file;
        unsigned long long padded = (size + 511) / 512 * 512;
        while (padded > 0) {
            size_t part = padded < CHUNK ? padded : CHUNK;
            size_t content = size < part ? size : part;
            if (read_tar(piece, part) != part) return 1;
            if (is_file) {
                digest(EVP_sha256(), piece, content);
                if (strcmp(argv[2], "none")) {
                    size_t stored = compress_piece(argv[2], piece, content, output, CHUNK * 2);
                    digest(EVP_shake128(), output, stored);
                }
            }
            padded -= part;
            size -= content;
        }
    }
    while (read_tar(piece, CHUNK) > 0) {}
    double cpu = (double)clock() / CLOCKS_PER_SEC;
    printf("%llu %lu %.2f %.0f\n", total, files, cpu, total / cpu);
    return 0;
}
