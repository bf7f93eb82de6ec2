/* SPDX-FileCopyrightText: 2026 The Wharf authors
 * SPDX-License-Identifier: Apache-2.0 */
#include <crypt.h>
