//===----------------------------------------------------------------------===//
// Judges cases: compiled code against the reference interpreter.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_PROPERTY_JUDGE_H
#define NNC_TEST_PROPERTY_JUDGE_H

#include "nnc/Smith/Differential.h"

namespace nncsmith {

/// Judges all cases at once and, where anything differs, each on its own. Runs
/// in processes of its own: a crash is a difference.
std::vector<Finding> judge(const std::vector<Case> &cases);

/// The case as nn IR, or its protobuf text if it can not be imported.
std::string describe(const Case &c);

/// Writes the case as a folder that `nnc test` reads; the expected outputs are
/// those of the interpreter, none if it fails.
void save(const Case &c, const std::string &folder);

} // namespace nncsmith

#endif // NNC_TEST_PROPERTY_JUDGE_H
