/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

/* By default glibc gives each thread a heap of its own and keeps freed blocks of up to 32 MiB in it. How much of that stays
 * resident is a matter of which threads happened to run: publishing one image of 6.4 GB took 172 MiB on a quiet machine
 * and 259 on a busy one. Two heaps are shared by all threads, and blocks of half a mebibyte and more go back to the kernel
 * at once. */
static inline void wharf_bound_heaps(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}
