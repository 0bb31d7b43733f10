//===----------------------------------------------------------------------===//
// What to say of a name that is not there.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_NAMEADVICE_H
#define NNC_RUNNER_NAMEADVICE_H

#include "nnc/Runner/CommandLine.h"

namespace nncrun {

/// "; did you mean 'image'?" for a name that was likely misspelt, else "; it
/// has image, mask", to end a message with.
inline std::string adviseName(const std::string &name,
                              const std::vector<std::string> &known) {
  const std::string similar = findSimilar(name, known);
  if (!similar.empty())
    return "; did you mean '" + similar + "'?";
  std::string list;
  for (const std::string &one : known)
    list += (list.empty() ? "" : ", ") + one;
  return "; it has " + (list.empty() ? "none" : list);
}

} // namespace nncrun

#endif // NNC_RUNNER_NAMEADVICE_H
