/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/* ISAL_DEF_LVL1_DEFAULT is an expression, which Swift does not import. */
static const unsigned int wharf_isal_level1_buffer_size = ISAL_DEF_LVL1_DEFAULT;

/* struct isal_zstream and inflate_state are too large to be imported as Swift values with safety: they are
 * made and freed here, and used through pointers only. */
static inline struct inflate_state *wharf_inflate_state_new(void) {
    struct inflate_state *state = malloc(sizeof *state);
    if (state) isal_inflate_init(state);
    return state;
}

static inline struct isal_zstream *wharf_deflate_state_new(void) { return malloc(sizeof(struct isal_zstream)); }

/* Compresses a whole buffer to one zlib stream at level 1. Returns the number of bytes written, 0 if the
 * output did not fit. */
static inline size_t wharf_isal_compress_zlib(struct isal_zstream *stream, unsigned char *level_buffer,
                                              unsigned int level_buffer_size, const unsigned char *input,
                                              size_t input_size, unsigned char *output, size_t output_size) {
    isal_deflate_stateless_init(stream);
    stream->level = 1;
    stream->level_buf = level_buffer;
    stream->level_buf_size = level_buffer_size;
    stream->gzip_flag = IGZIP_ZLIB;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->next_in = (unsigned char *)input;
    stream->avail_in = (unsigned int)input_size;
    stream->next_out = output;
    stream->avail_out = (unsigned int)output_size;
    return isal_deflate_stateless(stream) == COMP_OK ? output_size - stream->avail_out : 0;
}

/* One step of a gzip or raw inflate; returns ISA-L's code. */
static inline int wharf_isal_inflate_step(struct inflate_state *state, const unsigned char *input,
                                          unsigned int input_size, unsigned char *output,
                                          unsigned int output_size, unsigned int *consumed,
                                          unsigned int *produced, int *finished) {
    state->next_in = (unsigned char *)input;
    state->avail_in = input_size;
    state->next_out = output;
    state->avail_out = output_size;
    int code = isal_inflate(state);
    *consumed = input_size - state->avail_in;
    *produced = output_size - state->avail_out;
    *finished = state->block_state == ISAL_BLOCK_FINISH;
    return code;
}

static inline void wharf_isal_inflate_set_gzip(struct inflate_state *state) { state->crc_flag = ISAL_GZIP; }
static inline void wharf_isal_inflate_set_zlib(struct inflate_state *state) { state->crc_flag = ISAL_ZLIB; }
static inline void wharf_isal_inflate_reset(struct inflate_state *state) {
    unsigned int flag = state->crc_flag;
    isal_inflate_reset(state);
    state->crc_flag = flag;
}
