//===----------------------------------------------------------------------===//
// Carries the precompiled headers; holds no code.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
