/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * A client that costs little beside the server it loads: threads with a connection each, which speak just enough
 * HTTP/1.1. Prints one line of JSON.
 *
 * usage: registry-load PORT CLIENTS get    COUNT PATH         GETs, bodies discarded by the kernel
 *        registry-load PORT CLIENTS put    COUNT SIZE         blobs of SIZE bytes by POST and PUT
 *        registry-load PORT CLIENTS patch  COUNT SIZE         the same by POST, PATCH and PUT
 *        registry-load PORT CLIENTS push   COUNT one|many     artifacts of 1 KiB: POST, PUT, PUT of the manifest
 *        registry-load PORT CLIENTS pull   COUNT one|many     what push has pushed: manifest by tag, blob
 *        registry-load PORT CLIENTS tags   COUNT              one manifest under many tags
 *
 * COUNT is the number of operations of all clients together. Content depends on the number of the operation only, so that
 * every registry gets the same.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int port, clients;
static const char *mode, *argument = "";
static long count;
static atomic_long next_operation, failures, bytes_moved;
static double *latencies;
/* Digests of large blobs, computed before the clock starts. */
static char (*digests)[72];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int connect_to_server(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof a) != 0) die("connect");
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return s;
}

static int send_all(int s, const void *data, size_t size) {
    const char *p = data;
    while (size > 0) {
        ssize_t n = send(s, p, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        p += n;
        size -= n;
    }
    return 0;
}

/* Reads an answer; returns its status, and copies Location and a short body where there is room. */
static int answer(int s, char *location, size_t location_size) {
    char head[16384];
    size_t have = 0;
    char *end = NULL;
    while (!end) {
        if (have >= sizeof head - 1) return -1;
        ssize_t n = recv(s, head + have, sizeof head - 1 - have, 0);
        if (n <= 0) return -1;
        have += n;
        head[have] = 0;
        end = strstr(head, "\r\n\r\n");
    }
    int status = atoi(head + 9);
    long long length = 0;
    for (char *line = strstr(head, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, "content-length:", 15) == 0) length = atoll(line + 17);
        if (location && strncasecmp(line + 2, "location:", 9) == 0) {
            char *from = line + 11, *to;
            while (*from == ' ') from++;
            to = strstr(from, "\r\n");
            if (strncmp(from, "http://", 7) == 0) from = strchr(from + 7, '/');
            snprintf(location, location_size, "%.*s", (int)(to - from), from);
        }
    }
    long long left = length - (have - (end + 4 - head));
    while (left > 0) {
        /* The kernel throws the bytes away without copying them. */
        ssize_t n = recv(s, NULL, left > 1 << 20 ? 1 << 20 : left, MSG_TRUNC);
        if (n <= 0) return -1;
        left -= n;
    }
    atomic_fetch_add(&bytes_moved, length);
    return status;
}

static int request(int s, const char *method, const char *path, const char *type, const void *body, size_t size,
                   char *location, size_t location_size) {
    char head[4096];
    int n = snprintf(head, sizeof head,
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: application/vnd.oci.image.manifest.v1+json, */*\r\n"
                     "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                     method, path, port, type, size);
    if (send_all(s, head, n) != 0 || (size && send_all(s, body, size) != 0)) return -1;
    return answer(s, location, location_size);
}

static void hex_digest(EVP_MD_CTX *c, char *text) {
    unsigned char d[32];
    EVP_DigestFinal_ex(c, d, NULL);
    strcpy(text, "sha256:");
    for (int i = 0; i < 32; i++) sprintf(text + 7 + 2 * i, "%02x", d[i]);
}

/* One MiB that no two blobs share. */
static void fill(uint64_t *block, uint64_t seed) {
    uint64_t x = seed * 0x9E3779B97F4A7C15ull + 1;
    for (int i = 0; i < (1 << 20) / 8; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        block[i] = x;
    }
}

/* Sends a blob as repetitions of a block whose first word is the repetition's number. */
static int send_blob(int s, uint64_t *block, long long size) {
    for (long long at = 0; at < size; at += 1 << 20) {
        block[0] = at;
        if (send_all(s, block, size - at < 1 << 20 ? size - at : 1 << 20) != 0) return -1;
    }
    return 0;
}

static void blob_digest(uint64_t *block, long long size, char *text) {
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    EVP_DigestInit_ex(c, EVP_sha256(), NULL);
    for (long long at = 0; at < size; at += 1 << 20) {
        block[0] = at;
        EVP_DigestUpdate(c, block, size - at < 1 << 20 ? size - at : 1 << 20);
    }
    hex_digest(c, text);
    EVP_MD_CTX_free(c);
}

static int upload_large(int s, long number, uint64_t *block) {
    char location[2048], path[4096], head[4096];
    long long size = atoll(argument);
    fill(block, number + 1);
    if (request(s, "POST", "/v2/bench/large/blobs/uploads/", "application/octet-stream", "", 0, location,
                sizeof location) != 202)
        return -1;
    char mark = strchr(location, '?') ? '&' : '?';
    int patch = strcmp(mode, "patch") == 0;
    if (patch)
        snprintf(path, sizeof path, "%s", location);
    else
        snprintf(path, sizeof path, "%s%cdigest=%s", location, mark, digests[number]);
    int n = snprintf(head, sizeof head,
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/octet-stream\r\n"
                     "Content-Length: %lld\r\n\r\n",
                     patch ? "PATCH" : "PUT", path, port, size);
    if (send_all(s, head, n) != 0 || send_blob(s, block, size) != 0) return -1;
    int status = answer(s, location, sizeof location);
    atomic_fetch_add(&bytes_moved, size);
    if (!patch) return status == 201 ? 0 : -1;
    if (status != 202) return -1;
    mark = strchr(location, '?') ? '&' : '?';
    snprintf(path, sizeof path, "%s%cdigest=%s", location, mark, digests[number]);
    return request(s, "PUT", path, "application/octet-stream", "", 0, NULL, 0) == 201 ? 0 : -1;
}

static void repository(long number, char *text, size_t size) {
    if (strcmp(argument, "many") == 0)
        snprintf(text, size, "bench/many-%ld", number);
    else
        snprintf(text, size, "bench/one");
}

/* The artifact's one blob, which is config and layer, and its manifest. */
static int artifact(long number, char *blob, char *digest, char *manifest, size_t manifest_size) {
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    memset(blob, 'x', 1024);
    blob[sprintf(blob, "artifact %ld", number)] = ' ';
    EVP_DigestInit_ex(c, EVP_sha256(), NULL);
    EVP_DigestUpdate(c, blob, 1024);
    hex_digest(c, digest);
    EVP_MD_CTX_free(c);
    return snprintf(manifest, manifest_size,
                    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                    "\"config\":{\"mediaType\":\"application/vnd.example.config\",\"digest\":\"%s\",\"size\":1024},"
                    "\"layers\":[{\"mediaType\":\"application/vnd.example.data\",\"digest\":\"%s\",\"size\":1024}]}",
                    digest, digest);
}

static const char *manifest_type = "application/vnd.oci.image.manifest.v1+json";

static int push(int s, long number) {
    char name[256], blob[1100], digest[72], manifest[2048], location[2048], path[4096];
    repository(number, name, sizeof name);
    int size = artifact(number, blob, digest, manifest, sizeof manifest);
    snprintf(path, sizeof path, "/v2/%s/blobs/uploads/", name);
    if (request(s, "POST", path, "application/octet-stream", "", 0, location, sizeof location) != 202) return -1;
    snprintf(path, sizeof path, "%s%cdigest=%s", location, strchr(location, '?') ? '&' : '?', digest);
    if (request(s, "PUT", path, "application/octet-stream", blob, 1024, NULL, 0) != 201) return -1;
    snprintf(path, sizeof path, "/v2/%s/manifests/t%ld", name, number);
    return request(s, "PUT", path, manifest_type, manifest, size, NULL, 0) == 201 ? 0 : -1;
}

static int pull(int s, long number) {
    char name[256], blob[1100], digest[72], manifest[2048], path[4096];
    repository(number, name, sizeof name);
    artifact(number, blob, digest, manifest, sizeof manifest);
    snprintf(path, sizeof path, "/v2/%s/manifests/t%ld", name, number);
    if (request(s, "GET", path, manifest_type, "", 0, NULL, 0) != 200) return -1;
    snprintf(path, sizeof path, "/v2/%s/blobs/%s", name, digest);
    return request(s, "GET", path, "*/*", "", 0, NULL, 0) == 200 ? 0 : -1;
}

static int tag(int s, long number) {
    char blob[1100], digest[72], manifest[2048], path[4096];
    int size = artifact(0, blob, digest, manifest, sizeof manifest);
    snprintf(path, sizeof path, "/v2/bench/one/manifests/tag-%06ld", number);
    return request(s, "PUT", path, manifest_type, manifest, size, NULL, 0) == 201 ? 0 : -1;
}

static int operate(int s, long number, uint64_t *block) {
    if (strcmp(mode, "get") == 0) return request(s, "GET", argument, "*/*", "", 0, NULL, 0) == 200 ? 0 : -1;
    if (strcmp(mode, "push") == 0) return push(s, number);
    if (strcmp(mode, "pull") == 0) return pull(s, number);
    if (strcmp(mode, "tags") == 0) return tag(s, number);
    return upload_large(s, number, block);
}

static void *client(void *unused) {
    (void)unused;
    uint64_t *block = malloc(1 << 20);
    int s = connect_to_server();
    for (;;) {
        long number = atomic_fetch_add(&next_operation, 1);
        if (number >= count) break;
        double start = now();
        if (operate(s, number, block) != 0) {
            atomic_fetch_add(&failures, 1);
            close(s);
            s = connect_to_server();
        }
        latencies[number] = now() - start;
    }
    close(s);
    free(block);
    return NULL;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc < 5) return fprintf(stderr, "usage: registry-load PORT CLIENTS MODE COUNT [ARGUMENT]\n"), 2;
    port = atoi(argv[1]);
    clients = atoi(argv[2]);
    mode = argv[3];
    count = atol(argv[4]);
    if (argc > 5) argument = argv[5];
    latencies = calloc(count, sizeof *latencies);
    if (strcmp(mode, "put") == 0 || strcmp(mode, "patch") == 0) {
        uint64_t *block = malloc(1 << 20);
        digests = calloc(count, sizeof *digests);
        for (long i = 0; i < count; i++) {
            fill(block, i + 1);
            blob_digest(block, atoll(argument), digests[i]);
        }
        free(block);
    }
    pthread_t *threads = calloc(clients, sizeof *threads);
    double start = now();
    for (int i = 0; i < clients; i++)
        if (pthread_create(&threads[i], NULL, client, NULL) != 0) die("pthread_create");
    for (int i = 0; i < clients; i++) pthread_join(threads[i], NULL);
    double seconds = now() - start;
    qsort(latencies, count, sizeof *latencies, compare);
    printf("{\"count\":%ld,\"failures\":%ld,\"seconds\":%.4f,\"bytes\":%ld,\"p50\":%.5f,\"p95\":%.5f,\"p99\":%.5f}\n", count,
           (long)failures, seconds, (long)bytes_moved, latencies[count / 2], latencies[count * 95 / 100],
           latencies[count * 99 / 100]);
    return failures ? 1 : 0;
}
