/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

/* The init functions are macros that pass the header's version and size. */
static inline int wharf_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }
static inline int wharf_deflate_init(z_stream *stream, int level) { return deflateInit(stream, level); }
