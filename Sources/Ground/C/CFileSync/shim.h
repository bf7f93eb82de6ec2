/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */

/* glibc declares syncfs(2) under _GNU_SOURCE only, which Swift's Glibc module does not set. */
extern int syncfs(int descriptor);
