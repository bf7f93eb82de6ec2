// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

// Calls of the object cache that Swift's Glibc does not see. Every function returns a result >= 0, or the negated errno.

#ifndef WHARF_CCACHEFILES_SHIM_H
#define WHARF_CCACHEFILES_SHIM_H

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

/// A file without a name whose content is in memory (memfd_create, closed on exec).
static inline int wharf_memory_file(const char *label) {
    // By number: declared only under _GNU_SOURCE.
    long descriptor = syscall(SYS_memfd_create, label, 1u);
    return descriptor < 0 ? -errno : (int)descriptor;
}

/// Writes an extended attribute of an open file.
static inline int wharf_write_attribute(int file, const char *name, const void *value, size_t size) {
    return fsetxattr(file, name, value, size, 0) < 0 ? -errno : 0;
}

/// Reads an extended attribute of an open file, and returns its size.
static inline long wharf_read_attribute(int file, const char *name, void *value, size_t size) {
    ssize_t count = fgetxattr(file, name, value, size);
    return count < 0 ? -(long)errno : (long)count;
}

/// Copies from `offset` of one file to the current place of another within the kernel (copy_file_range); a file system
/// that can shares the blocks. Returns how many bytes.
static inline long wharf_copy_range(int from, long long offset, int to, size_t size) {
    loff_t position = offset;
    // By number: declared only under _GNU_SOURCE.
    long count = syscall(SYS_copy_file_range, from, &position, to, NULL, size, 0u);
    return count < 0 ? -(long)errno : count;
}

#endif
