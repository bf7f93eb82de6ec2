// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

// line LISTEN-PORT TARGET-PORT ROUND-TRIP-MILLISECONDS MEGABITS: relays connections of the loopback as a line of so many megabits
// with so long a round trip would: bytes arrive half a round trip after they were sent, all connections share the line, and the
// first bytes of a connection come one round trip later, for the handshake. Without slow start: what is measured through it is a
// little better than on a real line, for everybody. For kernels without tc netem. SIGUSR1 prints the bytes that went through.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 1024, PIECE = 64 << 10, WINDOW = 256 };  // at most WINDOW pieces are under way in a direction

struct piece {
    double due;
    int size, done;
    struct piece *next;
    char bytes[];
};

struct way {
    int from, to;
    struct piece *first, **last;
    int count, is_over;
};

struct pair {
    struct way ways[2];
    double opened;
};

static struct pair *pairs[LIMIT];
static int pair_count;
static double delay, rate, line_free[2];
static uint64_t total;
static volatile sig_atomic_t asked;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void on_signal(int number) {
    (void)number;
    asked = 1;
}

static void set_up(int fd) {
    int one = 1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void take(struct pair *pair, int direction) {
    struct way *way = &pair->ways[direction];
    while (way->count < WINDOW && !way->is_over) {
        struct piece *piece = malloc(sizeof *piece + PIECE);
        if (piece == NULL) exit(1);
        ssize_t size = read(way->from, piece->bytes, PIECE);
        if (size <= 0) {
            free(piece);
            if (size == 0 || (errno != EAGAIN && errno != EINTR)) way->is_over = 1;
            return;
        }
        double start = now();
        if (start < pair->opened + 2 * delay) start = pair->opened + 2 * delay;
        if (start < line_free[direction]) start = line_free[direction];
        line_free[direction] = start + (double)size / rate;
        *piece = (struct piece){.due = line_free[direction] + delay, .size = (int)size};
        *way->last = piece;
        way->last = &piece->next;
        way->count++;
        total += (uint64_t)size;
    }
}

static double deliver(struct way *way, double soonest) {
    while (way->first != NULL) {
        struct piece *piece = way->first;
        if (piece->due > now()) return piece->due < soonest ? piece->due : soonest;
        ssize_t size = write(way->to, piece->bytes + piece->done, (size_t)(piece->size - piece->done));
        if (size < 0) {
            if (errno == EAGAIN || errno == EINTR) return soonest;
            size = piece->size - piece->done;  // nobody listens any more
        }
        piece->done += (int)size;
        if (piece->done < piece->size) return soonest;
        way->first = piece->next;
        if (way->first == NULL) way->last = &way->first;
        way->count--;
        free(piece);
    }
    if (way->is_over == 1) {
        shutdown(way->to, SHUT_WR);
        way->is_over = 2;
    }
    return soonest;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    delay = atof(argv[3]) / 2000;
    rate = atof(argv[4]) * 1e6 / 8;
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal}, NULL);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    if (bind(listener, (void *)&address, sizeof address) < 0 || listen(listener, 256) < 0) return 1;
    address.sin_port = htons((uint16_t)atoi(argv[2]));
    fcntl(listener, F_SETFL, O_NONBLOCK);
    static struct pollfd polls[2 * LIMIT + 1];
    for (;;) {
        double soonest = now() + 1;
        for (int i = 0; i < pair_count; i++) {
            struct pair *pair = pairs[i];
            for (int d = 0; d < 2; d++) soonest = deliver(&pair->ways[d], soonest);
            if (pair->ways[0].is_over == 2 && pair->ways[1].is_over == 2) {
                close(pair->ways[0].from);
                close(pair->ways[0].to);
                free(pair);
                pairs[i--] = pairs[--pair_count];
            }
        }
        int count = 0;
        polls[count++] = (struct pollfd){.fd = listener, .events = pair_count < LIMIT ? POLLIN : 0};
        for (int i = 0; i < pair_count; i++) {
            for (int d = 0; d < 2; d++) {
                struct way *in = &pairs[i]->ways[d], *out = &pairs[i]->ways[1 - d];
                short events = in->count < WINDOW && !in->is_over ? POLLIN : 0;
                if (out->first != NULL && out->first->due <= now()) events |= POLLOUT;
                // A side that is closed both ways would be told of again and again.
                polls[count++] = (struct pollfd){.fd = events ? in->from : -1, .events = events};
            }
        }
        double wait = soonest - now();
        struct timespec limit = {.tv_sec = wait > 0 ? (time_t)wait : 0, .tv_nsec = wait > 0 ? (long)((wait - (double)(time_t)wait) * 1e9) : 0};
        int known = pair_count;
        if (ppoll(polls, (nfds_t)count, &limit, NULL) < 0 && errno != EINTR) return 1;
        if (asked) {
            asked = 0;
            printf("%llu\n", (unsigned long long)total);
            fflush(stdout);
        }
        for (int i = 0; i < known; i++) {
            for (int d = 0; d < 2; d++) {
                if (polls[1 + 2 * i + d].revents & (POLLIN | POLLHUP | POLLERR)) take(pairs[i], d);
            }
        }
        if (polls[0].revents & POLLIN) {
            int client = accept(listener, NULL, NULL), target = socket(AF_INET, SOCK_STREAM, 0);
            struct pair *pair = calloc(1, sizeof *pair);
            if (client < 0 || target < 0 || pair == NULL || connect(target, (void *)&address, sizeof address) < 0) {
                if (client >= 0) close(client);
                if (target >= 0) close(target);
                free(pair);
                continue;
            }
            set_up(client);
            set_up(target);
            pair->opened = now();
            pair->ways[0] = (struct way){.from = client, .to = target};
            pair->ways[1] = (struct way){.from = target, .to = client};
            for (int d = 0; d < 2; d++) pair->ways[d].last = &pair->ways[d].first;
            pairs[pair_count++] = pair;
        }
    }
}
