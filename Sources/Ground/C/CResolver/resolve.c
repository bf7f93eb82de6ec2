// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#include "CResolver.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

// The state that is set up from /etc/resolv.conf holds the servers twice: those of the fourth version in a list that the
// library copies when it finds it changed, those of the sixth in its extension only.
static int use(struct __res_state *state, const char *server) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(NAMESERVER_PORT)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(NAMESERVER_PORT)};
    state->nscount = 1;
    if (inet_pton(AF_INET, server, &four.sin_addr) == 1) {
        state->nsaddr_list[0] = four;
        return 1;
    }
    if (inet_pton(AF_INET6, server, &six.sin6_addr) != 1) return 0;
    if (state->_u._ext.nsaddrs[0] == NULL) state->_u._ext.nsaddrs[0] = malloc(sizeof six);
    if (state->_u._ext.nsaddrs[0] == NULL) return 0;
    *state->_u._ext.nsaddrs[0] = six;
    state->_u._ext.nssocks[0] = -1;
    state->_u._ext.nscount = 1;
    state->nsaddr_list[0].sin_family = 0;
    return 1;
}

static int read_addresses(const unsigned char *answer, int length, int family,
                          char *addresses, int limit) {
    ns_msg message;
    int count = 0;
    if (ns_initparse(answer, length, &message) != 0) return 0;
    for (int number = 0; number < ns_msg_count(message, ns_s_an) && count < limit; number++) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, number, &record) != 0) break;
        // Aliases stand in between; the addresses follow them.
        if (ns_rr_type(record) != (family == AF_INET ? ns_t_a : ns_t_aaaa)) continue;
        if (ns_rr_rdlen(record) != (family == AF_INET ? 4 : 16)) continue;
        if (inet_ntop(family, ns_rr_rdata(record), addresses + count * wharf_address_length, wharf_address_length) != NULL) count++;
    }
    return count;
}

int wharf_resolve(const char *name, int family, const char *server, int seconds, int tries,
                  char *addresses, int limit) {
    struct __res_state state;
    unsigned char answer[NS_MAXMSG];
    int count = 0;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return 0;
    if (use(&state, server)) {
        state.retrans = seconds;
        state.retry = tries;
        int length = res_nsearch(&state, name, ns_c_in, family == AF_INET ? ns_t_a : ns_t_aaaa, answer, sizeof answer);
        if (length > 0 && length <= (int)sizeof answer) count = read_addresses(answer, length, family, addresses, limit);
    }
    res_nclose(&state);
    return count;
}
