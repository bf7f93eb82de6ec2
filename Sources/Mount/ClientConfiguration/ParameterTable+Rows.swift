// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

extension ParameterTable {
    static let identity = Section(
        title: "Identity, servers, keys",
        rows: [
            Row("CVMFS_SERVER_URL", "base addresses, separated by `;`; `@fqrn@` and `@org@` are expanded"),
            Row("CVMFS_PUBLIC_KEY", "master public key files, separated by `:`"),
            Row("CVMFS_KEYS_DIR", "directory whose `*.pub` files are used when no key is named"),
            Row("CVMFS_REPOSITORIES", "the repositories of `wharf client probe`, `stat` and strict mounting"),
            Row("CVMFS_STRICT_MOUNT", "mount only what `CVMFS_REPOSITORIES` lists"),
            Row("CVMFS_DEFAULT_DOMAIN", "appended to names without a dot"),
            Row("CVMFS_CONFIG_REPOSITORY", "a repository with configuration, mounted first"),
            Row("CVMFS_CONFIG_REPO_REQUIRED", "refuse to mount without the configuration repository"),
            Row("CVMFS_BLACKLIST", "certificates and revisions that are not trusted"),
            Row("CVMFS_ROOT_HASH", "show the snapshot with this root catalog"),
            Row("CVMFS_REPOSITORY_TAG", "show the snapshot of this name"),
            Row("CVMFS_REPOSITORY_DATE", "show the newest snapshot that is not younger than this"),
            Row("CVMFS_ALT_ROOT_PATH", "fetch the root catalog by its alternative link"),
            Row("CVMFS_AUTO_UPDATE", "off: stay at the revision that was mounted"),
            Row(
                "CVMFS_NOTIFICATION_SERVER",
                "tells of new revisions",
                .ignored("a server that tells of revisions is found by itself, see `notifications`")
            ),
        ]
    )

    static let network = Section(
        title: "Proxies and network",
        rows: [
            Row("CVMFS_HTTP_PROXY", "groups of proxies", .differs("without it servers are asked directly")),
            Row("CVMFS_FALLBACK_PROXY", "used when all groups failed"),
            Row("CVMFS_PROXY_TEMPLATE", "stands for the proxy in requests for the order of servers"),
            Row("CVMFS_USE_GEOAPI", "order servers by distance"),
            Row("CVMFS_MAX_SERVERS", "how many servers are used after ordering"),
            Row("CVMFS_PROXY_SHARD", "each object has its proxy in a group"),
            Row(
                "CVMFS_PROXY_SHARDING_POLICY",
                "leave the choice to something else",
                .ignored("there is nothing else that could choose")
            ),
            Row("CVMFS_TIMEOUT", "seconds for connecting, and of silence, through a proxy"),
            Row("CVMFS_TIMEOUT_DIRECT", "the same without a proxy"),
            Row("CVMFS_LOW_SPEED_LIMIT", "bytes a second below which a transfer has failed"),
            Row("CVMFS_MAX_RETRIES", "how often a failed transfer is tried again"),
            Row("CVMFS_BACKOFF_INIT", "seconds before the first of these"),
            Row("CVMFS_BACKOFF_MAX", "the longest pause"),
            Row("CVMFS_PROXY_RESET_AFTER", "seconds after which the first group is used again"),
            Row("CVMFS_HOST_RESET_AFTER", "seconds after which the first server is used again"),
            Row("CVMFS_FAILOVER_INDEFINITELY", "go on trying instead of failing"),
            Row("CVMFS_FOLLOW_REDIRECTS", "follow up to four redirects"),
            Row(
                "CVMFS_USE_SSL_SYSTEM_CA",
                "trust the system's authorities",
                .differs("without it, too, unless `X509_CERT_BUNDLE`, `X509_CERT_DIR` or `ca-file` is set")
            ),
            Row(
                "CVMFS_DNS_SERVER",
                "the address of the name server that is asked for proxies",
                .differs("servers that are asked directly are looked up by the system")
            ),
            Row(
                "CVMFS_DNS_TIMEOUT",
                "seconds that a start waits for the addresses of proxies",
                .differs("without `CVMFS_DNS_SERVER` the system's resolver has its own as well")
            ),
            Row(
                "CVMFS_DNS_RETRIES",
                "how often it waits so long again",
                .differs("without `CVMFS_DNS_SERVER` the system's resolver has its own as well")
            ),
            Row("CVMFS_DNS_MIN_TTL", "the shortest time for which an address is used"),
            Row("CVMFS_DNS_MAX_TTL", "the longest time for which an address is used"),
            Row(
                "CVMFS_DNS_ROAMING",
                "read the resolver's configuration again",
                .differs("the system's resolver always does")
            ),
            Row("CVMFS_IPFAMILY_PREFER", "4 or 6"),
            Row("CVMFS_MAX_IPADDR_PER_PROXY", "how many addresses of a proxy are used"),
            Row(
                "CVMFS_SEND_INFO_HEADER",
                "tell servers which path is read",
                .ignored("what a job reads is nobody's business")
            ),
            Row("CVMFS_HTTP_TRACING", "send tracing headers", .ignored("requests bear none")),
            Row("CVMFS_HTTP_TRACING_HEADERS", "further tracing headers", .ignored("requests bear none")),
            Row("CVMFS_EXTERNAL_URL", "servers of external files"),
            Row("CVMFS_EXTERNAL_HTTP_PROXY", "their proxies"),
            Row("CVMFS_EXTERNAL_FALLBACK_PROXY", "their proxies of last resort"),
            Row("CVMFS_EXTERNAL_TIMEOUT", "their time limit through a proxy"),
            Row("CVMFS_EXTERNAL_TIMEOUT_DIRECT", "their time limit without one"),
            Row("CVMFS_EXTERNAL_MAX_SERVERS", "how many of them are used"),
            Row(
                "CVMFS_AUTHZ_HELPER",
                "program that decides who may read",
                .ignored("a mount shows what its own credentials may read, see `--token-file`")
            ),
            Row(
                "CVMFS_AUTHZ_SEARCH_PATH",
                "where such programs are",
                .ignored("a mount shows what its own credentials may read, see `--token-file`")
            ),
            Row("CVMFS_IPV4_ONLY", "environment: never use IPv6"),
            Row("CVMFS_PAC_URLS", "environment: where proxies are configured automatically"),
            Row("CVMFS_CLIENT_PROFILE", "`single`: discover proxies, else ask servers directly"),
        ]
    )

    static let cache = Section(
        title: "Cache",
        rows: [
            Row("CVMFS_CACHE_BASE", "base directory", .differs("the cache is its sub-directory `wharf`")),
            Row(
                "CVMFS_CACHE_DIR",
                "directory of a cache of one's own",
                .differs("the cache is its sub-directory `wharf`")
            ),
            Row("CVMFS_SHARED_CACHE", "one cache for all repositories", .differs("no: a directory each")),
            Row("CVMFS_QUOTA_LIMIT", "megabytes; -1 for no limit", .differs("a hard limit")),
            Row("CVMFS_CACHE_PRIMARY", "the cache instance to use"),
            Row("CVMFS_CACHE_<inst>_TYPE", "`posix`, `ram`, `tiered`", .differs("`external` is refused")),
            Row("CVMFS_CACHE_<inst>_SHARED", "one cache for all repositories"),
            Row("CVMFS_CACHE_<inst>_QUOTA_LIMIT", "megabytes"),
            Row("CVMFS_CACHE_<inst>_ALIEN", "a directory that somebody else tends"),
            Row(
                "CVMFS_CACHE_<inst>_SERVER_MODE",
                "for the publisher",
                .ignored("the publisher has no use for a client's cache")
            ),
            Row("CVMFS_CACHE_<inst>_BASE", "base directory"),
            Row(
                "CVMFS_CACHE_<inst>_DIR",
                "directory of a cache of one's own",
                .differs("the cache is its sub-directory `wharf`, unless it is only read")
            ),
            Row("CVMFS_CACHE_<inst>_SIZE", "megabytes, or `n%` of the memory"),
            Row("CVMFS_CACHE_<inst>_MALLOC", "how memory is got", .ignored("there is one way")),
            Row("CVMFS_CACHE_<inst>_UPPER", "the upper layer"),
            Row("CVMFS_CACHE_<inst>_LOWER", "the lower layer"),
            Row("CVMFS_CACHE_<inst>_LOWER_READONLY", "do not fill the lower layer"),
            Row(
                "CVMFS_CACHE_<inst>_LOCATOR",
                "the plug-in's socket",
                .ignored(
                    "plug-ins are not supported: disk, memory, tiers and shared directories are built in"
                )
            ),
            Row(
                "CVMFS_CACHE_<inst>_CMDLINE",
                "the plug-in's command",
                .ignored("plug-ins are not supported")
            ),
            Row(
                "CVMFS_CACHE_<inst>_WORKSPACE",
                "the plug-in's directory",
                .ignored("plug-ins are not supported")
            ),
            Row("CVMFS_ALIEN_CACHE", "a directory that somebody else tends"),
            Row("CVMFS_STREAMING_CACHE", "regular files are not kept"),
            Row(
                "CVMFS_CACHE_REFCOUNT",
                "one descriptor for all readers of an object",
                .ignored("descriptors are bounded in any case")
            ),
            Row("CVMFS_WORKSPACE", "directory of sockets and logs"),
            Row(
                "CVMFS_SERVER_CACHE_MODE",
                "for the publisher",
                .ignored("the publisher has no use for a client's cache")
            ),
        ]
    )

    static let kernel = Section(
        title: "Catalogs, time and kernel",
        rows: [
            Row("CVMFS_MAX_TTL", "minutes after which a new revision is looked for at the latest"),
            Row("CVMFS_KCACHE_TIMEOUT", "seconds for which the kernel may keep names and attributes"),
            Row(
                "CVMFS_STATFS_CACHE_TIMEOUT",
                "seconds for which the answer of `statfs` is kept"
            ),
            Row(
                "CVMFS_CATALOG_WATERMARK",
                "loaded catalogs above which some are put away",
                .ignored("catalogs are opened and put away by use, 48 at a time")
            ),
            Row(
                "CVMFS_MEMCACHE_SIZE",
                "megabytes for metadata in memory",
                .ignored("the memory is bounded by `nodes`, 56 bytes each")
            ),
            Row(
                "CVMFS_NFILES",
                "descriptors that may be open",
                .ignored("the limit is raised as far as it may be")
            ),
            Row("CVMFS_CACHE_SYMLINKS", "let the kernel keep link targets"),
            Row("CVMFS_FUSE_NOTIFY_INVALIDATION", "tell the kernel what a new revision changed"),
            Row(
                "CVMFS_FUSE3_MAX_THREADS",
                "threads",
                .ignored("there is one thread a core, and up to 16 that wait for the network")
            ),
            Row(
                "CVMFS_FUSE3_IDLE_THREADS",
                "idle threads",
                .ignored("there is one thread a core, and up to 16 that wait for the network")
            ),
            Row("CVMFS_INSTRUMENT_FUSE", "measure how long requests take, for `wharf client talk … latency`"),
        ]
    )

    static let presentation = Section(
        title: "What the tree looks like",
        rows: [
            Row(
                "CVMFS_CLAIM_OWNERSHIP",
                "everything belongs to whoever mounts",
                .differs("off unless a file sets it")
            ),
            Row("CVMFS_UID_MAP", "file that maps users"),
            Row("CVMFS_GID_MAP", "file that maps groups"),
            Row("CVMFS_WORLD_READABLE", "everybody may read everything"),
            Row("CVMFS_CHECK_PERMISSIONS", "the kernel checks permissions"),
            Row("CVMFS_ENFORCE_ACLS", "honour access control lists"),
            Row("CVMFS_SUID", "honour set-uid programs"),
            Row("CVMFS_MAGIC_XATTRS_VISIBILITY", "where the magic attributes are listed"),
            Row("CVMFS_HIDE_MAGIC_XATTRS", "do not list them"),
            Row("CVMFS_XATTR_PRIVILEGED_GIDS", "groups that may read protected attributes"),
            Row("CVMFS_XATTR_PROTECTED_XATTRS", "protected attributes"),
            Row("CVMFS_MOUNT_DIR", "where repositories are mounted"),
            Row(
                "CVMFS_USER",
                "user to change to",
                .ignored("the client serves as the user who mounts; passthrough needs that")
            ),
            Row("CVMFS_MOUNT_RW", "mount for writing", .ignored("nothing can be written in any case")),
            Row("CVMFS_NFS_SOURCE", "handles that survive a restart, for file servers that export the mount"),
            Row("CVMFS_NFS_SHARED", "a directory for the record of nodes that several servers share"),
            Row(
                "CVMFS_NFS_INTERLEAVED_INODES",
                "inodes for several servers",
                .ignored("inodes are derived from paths, and the same everywhere")
            ),
        ]
    )

    static let process = Section(
        title: "The process",
        rows: [
            Row(
                "CVMFS_RELOAD_SOCKETS",
                "sockets of the loader",
                .ignored("there is one program, and no loader")
            ),
            Row("CVMFS_TALK_SOCKET", "the control socket"),
            Row("CVMFS_TALK_OWNER", "who may use it beside root"),
            Row("CVMFS_CPU_AFFINITY", "cores to run on"),
            Row("CVMFS_OOM_SCORE_ADJ", "how soon the kernel ends it when memory is short"),
            Row(
                "CVMFS_SYSTEMD_NOKILL",
                "survive the end of a session",
                .differs("a mount always leaves the session of whoever made it")
            ),
            Row(
                "CVMFS_SYSLOG_LEVEL",
                "1 debug, 2 notice, 3 error",
                .ignored("a journal is filtered when it is read")
            ),
            Row("CVMFS_SYSLOG_FACILITY", "`local0` to `local7`"),
            Row("CVMFS_SYSLOG_PREFIX", "what stands before a message"),
            Row("CVMFS_USYSLOG", "a file for the log"),
            Row(
                "CVMFS_DEBUGLOG",
                "a file for very much",
                .ignored("see `wharf client stat` and `wharf doctor`")
            ),
            Row("CVMFS_TRACEFILE", "a file of all calls", .ignored("see `wharf client trace`")),
            Row("CVMFS_TRACEBUFFER", "its buffer", .ignored("see `wharf client trace`")),
            Row("CVMFS_TRACEBUFFER_THRESHOLD", "when it is written", .ignored("see `wharf client trace`")),
            Row(
                "CVMFS_TELEMETRY_SEND",
                "send counters to InfluxDB",
                .ignored("counters are read in the form of Prometheus, see `metrics-file`")
            ),
            Row("CVMFS_TELEMETRY_RATE", "seconds between two", .ignored("see `metrics-file`")),
            Row("CVMFS_INFLUX_HOST", "where to", .ignored("see `metrics-file`")),
            Row("CVMFS_INFLUX_PORT", "where to", .ignored("see `metrics-file`")),
            Row("CVMFS_INFLUX_METRIC_NAME", "their name", .ignored("see `metrics-file`")),
            Row("CVMFS_INFLUX_EXTRA_TAGS", "their tags", .ignored("see `metrics-file`")),
            Row("CVMFS_INFLUX_EXTRA_FIELDS", "further fields", .ignored("see `metrics-file`")),
            Row(
                "CVMFS_INITIAL_GENERATION",
                "first generation of inodes",
                .ignored("inodes are derived from paths")
            ),
        ]
    )
}
