// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

/// The SQL of the databases, as the stock writer makes them.
///
/// - Source: cvmfs-format C.2, C.3, D.1, B.9.
enum CatalogSchema {
    /// A catalog of schema 2.5, revision 7, without the index on parents, which is made after the rows.
    static let catalog = """
        CREATE TABLE properties (key TEXT, value TEXT, CONSTRAINT pk_properties PRIMARY KEY (key));
        CREATE TABLE catalog (md5path_1 INTEGER, md5path_2 INTEGER, parent_1 INTEGER, parent_2 INTEGER, \
        hardlinks INTEGER, hash BLOB, size INTEGER, mode INTEGER, mtime INTEGER, mtimens INTEGER, flags INTEGER, \
        name TEXT, symlink TEXT, uid INTEGER, gid INTEGER, xattr BLOB, \
        CONSTRAINT pk_catalog PRIMARY KEY (md5path_1, md5path_2));
        CREATE TABLE chunks (md5path_1 INTEGER, md5path_2 INTEGER, offset INTEGER, size INTEGER, hash BLOB, \
        CONSTRAINT pk_chunks PRIMARY KEY (md5path_1, md5path_2, offset, size), \
        FOREIGN KEY (md5path_1, md5path_2) REFERENCES catalog(md5path_1, md5path_2));
        CREATE TABLE nested_catalogs (path TEXT, sha1 TEXT, size INTEGER, \
        CONSTRAINT pk_nested_catalogs PRIMARY KEY (path));
        CREATE TABLE bind_mountpoints (path TEXT, sha1 TEXT, size INTEGER, \
        CONSTRAINT pk_bind_mountpoints PRIMARY KEY (path));
        CREATE TABLE statistics (counter TEXT, value INTEGER, CONSTRAINT pk_statistics PRIMARY KEY (counter));
        """

    static let catalogIndex = "CREATE INDEX idx_catalog_parent ON catalog (parent_1, parent_2);"

    /// A history database of schema 1.0, revision 3.
    static let history = """
        CREATE TABLE properties (key TEXT, value TEXT, CONSTRAINT pk_properties PRIMARY KEY (key));
        CREATE TABLE branches (branch TEXT, parent TEXT, initial_revision INTEGER, \
        CONSTRAINT pk_branch PRIMARY KEY (branch), FOREIGN KEY (parent) REFERENCES branches (branch), \
        CHECK ((branch <> '') OR (parent IS NULL)), CHECK ((branch = '') OR (parent IS NOT NULL)));
        CREATE TABLE tags (name TEXT, hash TEXT, revision INTEGER, timestamp INTEGER, channel INTEGER, \
        description TEXT, size INTEGER, branch TEXT, CONSTRAINT pk_tags PRIMARY KEY (name), \
        FOREIGN KEY (branch) REFERENCES branches (branch));
        CREATE TABLE recycle_bin (hash TEXT, flags INTEGER, CONSTRAINT pk_hash PRIMARY KEY (hash));
        """

    /// A reflog of schema 1.0, revision 0.
    static let reflog = """
        CREATE TABLE properties (key TEXT, value TEXT, CONSTRAINT pk_properties PRIMARY KEY (key));
        CREATE TABLE refs (hash TEXT, type INTEGER, timestamp INTEGER, CONSTRAINT pk_refs PRIMARY KEY (hash));
        """

    static let insertProperty = "INSERT OR REPLACE INTO properties (key, value) VALUES (?, ?)"
}
