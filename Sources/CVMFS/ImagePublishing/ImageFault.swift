// SPDX-FileCopyrightText: 2026 The Wharf authors
// SPDX-License-Identifier: Apache-2.0

internal import LayerUnpacking
internal import OCISpec

/// Tells what is wrong with an image from what is wrong with the machine.
enum ImageFault {
    /// Whether an error lies in the image, so that trying again is of no use.
    static func isOne(_ error: any Error) -> Bool {
        switch error {
        // An index that is damaged is made again from its layer.
        case let problem as LayerProblem: problem.code != .badIndex
        case is ImageProblem, is OCIProblem: true
        default: LayerIngest.isFaultOfLayer(error)
        }
    }
}
