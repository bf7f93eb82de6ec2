/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

/* By default glibc keeps freed blocks of up to 32 MiB in one heap for each thread, and a server that compresses chunks of
 * files on several threads grows to a multiple of what it uses. Blocks of half a mebibyte and more go back to the kernel
 * at once, and threads share two heaps. */
static inline void wharf_bound_heaps(void) {
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_ARENA_MAX, 2);
}
