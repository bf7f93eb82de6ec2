// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Under our own names, since Debian 12's <linux/fuse.h> ends at protocol 7.37.
struct wharf_backing_map {
    int32_t fd;
    uint32_t flags;
    uint64_t padding;
};
#define WHARF_IOC_CLONE _IOR(229, 0, uint32_t)
#define WHARF_IOC_BACKING_OPEN _IOW(229, 1, struct wharf_backing_map)
#define WHARF_IOC_BACKING_CLOSE _IOW(229, 2, uint32_t)

static int checked(int result) { return result < 0 ? -errno : result; }

int wharf_mount_fuse(const char *source, const char *target, const char *type, const char *options, int allow_suid,
                     int forbid_execution) {
    unsigned long flags = MS_RDONLY | MS_NODEV;
    if (!allow_suid) flags |= MS_NOSUID;
    if (forbid_execution) flags |= MS_NOEXEC;
    return checked(mount(source, target, type, flags, options));
}

int wharf_unmount(const char *target, int detach) {
    return checked(umount2(target, UMOUNT_NOFOLLOW | (detach ? MNT_DETACH : 0)));
}

int wharf_fuse_clone(int clone, int session) {
    uint32_t descriptor = (uint32_t)session;
    return checked(ioctl(clone, WHARF_IOC_CLONE, &descriptor));
}

int wharf_fuse_backing_open(int device, int file) {
    struct wharf_backing_map map = {.fd = file};
    return checked(ioctl(device, WHARF_IOC_BACKING_OPEN, &map));
}

int wharf_fuse_backing_close(int device, uint32_t backing_id) {
    return checked(ioctl(device, WHARF_IOC_BACKING_CLOSE, &backing_id));
}

int wharf_mount_overlay(const char *target, const char *options) {
    return checked(mount("overlay", target, "overlay", MS_NODEV, options));
}

int wharf_bind(const char *source, const char *target, int allow_suid) {
    if (mount(source, target, NULL, MS_BIND, NULL) < 0) return -errno;
    unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NODEV;
    if (!allow_suid) flags |= MS_NOSUID;
    // Until then the flags are those of the source's mount, which is read-only unless it is not one of ours.
    if (mount(NULL, target, NULL, flags, NULL) == 0 && mount(NULL, target, NULL, MS_PRIVATE, NULL) == 0) return 0;
    int failure = -errno;
    umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH);
    return failure;
}

void wharf_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int wharf_private_mounts(void) {
    if (unshare(CLONE_NEWNS) < 0) return -errno;
    return checked(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

int wharf_open_in_root(int directory, const char *path) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_IN_ROOT};
    return checked((int)syscall(SYS_openat2, directory, path, &how, sizeof how));
}

int wharf_get_attribute(const char *path, const char *name, void *value, int capacity) {
    return checked((int)getxattr(path, name, value, (size_t)capacity));
}

int wharf_run_on(const int *cores, int count) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < count; i++) {
        if (cores[i] >= 0 && cores[i] < CPU_SETSIZE) CPU_SET(cores[i], &set);
    }
    return checked(sched_setaffinity(0, sizeof set, &set));
}

int wharf_wait_for_end(int process, int milliseconds) {
    int fd = (int)syscall(SYS_pidfd_open, process, 0);
    if (fd < 0) return -errno;
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    int code = checked(poll(&ended, 1, milliseconds));
    close(fd);
    return code;
}

void wharf_bound_heaps(void) {
    mallopt(M_ARENA_MAX, 2);
    // A fixed threshold: glibc raises its own with each large block that is freed, and then keeps such blocks.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}
