# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

"""One module for each group of checks; each has a generator `checks(site)`."""
