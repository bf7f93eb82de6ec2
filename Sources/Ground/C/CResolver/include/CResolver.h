// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

#ifndef WHARF_RESOLVER_H
#define WHARF_RESOLVER_H

// The C library's resolver, told whom to ask: its state is a structure of bit fields and unions, and its answers are
// read by macros, which Swift does not see.

enum { wharf_address_length = 46 };

// Asks one name server, an address of either version, for the addresses of a name, and writes at most `limit` of them
// as text, each in `wharf_address_length` bytes that end with zeros. `family` is AF_INET or AF_INET6. Waits `seconds` for each of `tries` questions. Returns how many there are.
int wharf_resolve(const char *name, int family, const char *server, int seconds, int tries,
                  char *addresses, int limit);

#endif
