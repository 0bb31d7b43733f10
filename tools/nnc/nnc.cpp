//===----------------------------------------------------------------------===//
// The compiler's command line.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Driver/Driver.h"

int main(int argc, char **argv) { return mlir::nnc::runDriver(argc, argv); }
