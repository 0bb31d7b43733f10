//===----------------------------------------------------------------------===//
// The command line driver.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DRIVER_DRIVER_H
#define NNC_DRIVER_DRIVER_H

namespace mlir::nnc {

/// Runs the sub-command that the words name; returns the exit code.
int runDriver(int argc, char **argv);

} // namespace mlir::nnc

#endif // NNC_DRIVER_DRIVER_H
