/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

/* By default glibc gives each thread a heap of its own and keeps freed blocks in it. How much of that stays resident is a
 * matter of which threads happened to run: publishing one image of 6.4 GB took 172 MiB on a quiet machine and 259 on a
 * busy one. So all threads share two heaps. The thresholds stay the library's own: with fixed ones, each piece of an upload
 * would be mapped and unmapped, which costs as much as hashing it. */
static inline void wharf_bound_heaps(void) { mallopt(M_ARENA_MAX, 2); }
