// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import CLibFuzzer
internal import FuzzTargets
internal import Glibc

/// The program: libFuzzer's arguments, and the target that `WHARF_FUZZ_TARGET` names.
@main
enum Entry {
    static let target: FuzzTarget = {
        guard let name = getenv("WHARF_FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name))
        else {
            preconditionFailure("WHARF_FUZZ_TARGET is none of \(FuzzTarget.allCases.map(\.rawValue))")
        }
        return target
    }()

    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        let status = LLVMFuzzerRunDriver(&count, &arguments) { start, size in
            do {
                try Entry.target.run(Array(UnsafeBufferPointer(start: start, count: size)))
            } catch {
                // A crash is how libFuzzer learns that an input is worth keeping.
                preconditionFailure("\(Entry.target.rawValue): \(error)")
            }
            return 0
        }
        exit(status)
    }
}
