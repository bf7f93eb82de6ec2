#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Wharf authors
# SPDX-License-Identifier: Apache-2.0

# usage: package.sh
#
# Makes the Debian packages wharf (node) and wharf-server in .build/packages, from the release build that is there or is
# made now. The programs are linked once more with the Swift runtime inside, so that they need only Debian's libraries.
set -eu
cd "$(dirname "$0")/.."
scripts/packages.sh package
scripts/build.sh programs

target=.build/packages
products=$(swift build -c release --show-bin-path)
version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/Faces/NodeCommands/VersionCommand.swift)
architecture=$(dpkg --print-architecture)
if commit=$(git log -1 --format=%cd.%h --date=format:%Y%m%d 2>/dev/null); then version="$version+git$commit"; fi
# Files of packages bear the time of the commit, so that two builds of it are the same.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH

# link PROGRAM LIBRARY…: the objects of the build, with the static libraries of the runtime that they use.
link() {
    local program=$1
    shift
    # 'tempnam' of the runtime is not called; the linker warns of it all the same.
    swiftc -static-stdlib -emit-executable -o "$target/$program" -module-name "$program" \
        -Xlinker --gc-sections -Xlinker --defsym -Xlinker "main=${program}_main" \
        "@$products/$program.product/Objects.LinkFileList" "$@" \
        -lFoundationEssentials -l_FoundationCShims -l_FoundationCollections -ldispatch -lBlocksRuntime -lswiftDispatch \
        -lsqlite3 -lisal -ldeflate -lzstd -lz -lcrypto -lcrypt -lresolv -lstdc++ -lm 2>"$target/$program.log" || {
        cat "$target/$program.log" >&2
        return 1
    }
    strip "$target/$program"
}

# package NAME PROGRAM: what lies in $target/NAME becomes NAME_VERSION_ARCHITECTURE.deb.
package() {
    local name=$1 root=$target/$1 depends size
    depends=$(dependencies "$2")
    size=$(du -sk "$root" | cut -f1)
    mkdir -p "$root/DEBIAN"
    sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/; s/@DEPENDS@/$depends/" \
        "packaging/$name/control" >"$root/DEBIAN/control"
    install -D -m 644 packaging/copyright "$root/usr/share/doc/$name/copyright"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
    dpkg-deb --root-owner-group -Zzstd -z9 --build "$root" "$target/${name}_${version}_$architecture.deb" >/dev/null
    echo "$target/${name}_${version}_$architecture.deb"
}

# dependencies PROGRAM: Debian's packages of the libraries that it needs. dpkg-shlibdeps wants a source package around it.
dependencies() {
    mkdir -p "$target/shlibdeps/debian"
    printf 'Source: wharf\n\nPackage: wharf\nArchitecture: any\n' >"$target/shlibdeps/debian/control"
    (cd "$target/shlibdeps" && dpkg-shlibdeps -O "../$1" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
}

rm -rf "$target/wharf" "$target/wharf-server" "$target/programs" "$target"/*.deb
mkdir -p "$target/programs"
link_all() {
    target=$target/programs
    link wharf
    link wharfd -lFoundation -lCoreFoundation -l_CFXMLInterface -lFoundationInternationalization -l_FoundationICU
}
(link_all)

install -D -m 755 "$target/programs/wharf" "$target/wharf/usr/bin/wharf"
mkdir -p "$target/wharf/usr/sbin"
ln -s ../bin/wharf "$target/wharf/usr/sbin/mount.wharf"
install -D -m 755 packaging/wharf/auto.wharf "$target/wharf/etc/auto.wharf"
install -D -m 644 packaging/wharf/conffiles "$target/wharf/DEBIAN/conffiles"
install -D -m 644 -t "$target/wharf/usr/share/doc/wharf" README.md CHANGELOG.md docs/GLOSSARY.md docs/fidelity.md \
    docs/client/*.md

server=$target/wharf-server
install -D -m 755 "$target/programs/wharfd" "$server/usr/bin/wharfd"
install -D -m 644 packaging/wharf-server/wharf-server.service "$server/lib/systemd/system/wharf-server.service"
install -D -m 644 packaging/wharf-server/wharf.yaml "$server/etc/wharf/wharf.yaml"
install -D -m 644 -t "$server/usr/share/doc/wharf-server" docs/operations/*.md docs/faults.md
install -D -m 644 packaging/wharf-server/conffiles "$server/DEBIAN/conffiles"
install -m 755 -t "$server/DEBIAN" packaging/wharf-server/postinst packaging/wharf-server/prerm packaging/wharf-server/postrm

package wharf programs/wharf
package wharf-server programs/wharfd
