// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

// The kernel calls of the mount client that Debian 12's headers do not declare or that Swift cannot import (ioctl is
// variadic). Every function returns a result >= 0, or the negated errno.

#ifndef WHARF_CLINUX_H
#define WHARF_CLINUX_H

#include <stdint.h>

/// Flags of mount(2) that a read-only repository is mounted with, plus `nosuid` when `allow_suid` is 0, and `noexec`
/// unless `forbid_execution` is 0.
int wharf_mount_fuse(const char *source, const char *target, const char *type, const char *options, int allow_suid,
                     int forbid_execution);

/// umount2(2). `detach` asks for MNT_DETACH.
int wharf_unmount(const char *target, int detach);

/// Makes `clone` another channel of the connection that `session` holds (FUSE_DEV_IOC_CLONE).
int wharf_fuse_clone(int clone, int session);

/// Registers `file` for passthrough and returns its backing id (FUSE_DEV_IOC_BACKING_OPEN, protocol 7.40).
int wharf_fuse_backing_open(int device, int file);

/// Gives a backing id back (FUSE_DEV_IOC_BACKING_CLOSE).
int wharf_fuse_backing_close(int device, uint32_t backing_id);

/// Names the calling thread; a name of more than 15 bytes is ignored.
void wharf_name_thread(const char *name);

/// Leaves the mount namespace of the host and makes all mounts private.
int wharf_private_mounts(void);

/// Opens a regular file below `directory` for reading, resolving all links inside of it (openat2, RESOLVE_IN_ROOT).
int wharf_open_in_root(int directory, const char *path);

/// Mounts an overlay without devices.
int wharf_mount_overlay(const char *target, const char *options);

/// Shows the directory `source` at `target`, read-only, without devices, private, and `nosuid` when `allow_suid` is 0.
int wharf_bind(const char *source, const char *target, int allow_suid);

/// Reads an extended attribute of what `path` leads to (getxattr), and returns its size.
int wharf_get_attribute(const char *path, const char *name, void *value, int capacity);

/// Keeps this process on some cores (sched_setaffinity).
int wharf_run_on(const int *cores, int count);

/// Waits until a process has ended, so many milliseconds at most (pidfd_open, poll).
int wharf_wait_for_end(int process, int milliseconds);

/// Lets all threads share two heaps, and gives large blocks back as soon as they are freed (mallopt).
void wharf_bound_heaps(void);

#endif
