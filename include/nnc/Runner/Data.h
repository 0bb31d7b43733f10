//===----------------------------------------------------------------------===//
// Inputs from files, folders and random numbers; outputs to files and people.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_DATA_H
#define NNC_RUNNER_DATA_H

#include "nnc/DataIO/Compare.h"
#include "nnc/DataIO/DataSpec.h"
#include "nnc/DataIO/FileBytes.h"
#include "nnc/Runner/Executable.h"

#include <map>
#include <optional>

namespace nncrun {

/// Where inputs come from; what is named first wins.
struct InputRequest {
  /// "NAME=@FILE".
  std::vector<std::string> bindings;
  /// A folder whose first data set gives inputs; empty for none.
  std::string folder;
  /// Makes what is still absent.
  std::optional<uint64_t> seed;
  /// Sizes of symbolic dimensions of what is made.
  std::map<std::string, int64_t> dims;
};

/// One tensor an input of the signature. Returns an exit code, after reporting
/// what is wrong.
int gatherInputs(const Signature &signature, const InputRequest &request,
                 Tensors &inputs);

/// Takes a tensor of one element as a scalar where the signature has one:
/// exporters and other runtimes do not always tell the two apart.
void adaptScalar(const ValueInfo &info, nncio::Tensor &tensor);

/// Random numbers by `seed`, which do not depend on the machine: floats from
/// -1 to 1, integers 0 and 1. Equal symbolic dimensions are 1, as is every one
/// that is not fixed. A sequence has one element, or none if its rank is not
/// known.
nncio::Tensor makeRandom(const ValueInfo &info, uint64_t seed);

/// Reads files of one data set and orders them as `infos`: by the names in the
/// files if these are the signature's, else by number. Files of tensors,
/// sequences and optional values do not tell which they are: that of a number
/// is read as the value of that number.
nncio::Result<Tensors> loadDataFiles(const std::vector<std::string> &files,
                                     const std::vector<ValueInfo> &infos);

/// Writes to a file beside `path` and renames it, so that a failure leaves
/// nothing behind; "-" is stdout.
nncio::Status writeWhole(const std::string &path,
                         const std::vector<nncio::Span> &pieces);

/// .npy, or .pb by the extension, which alone `form` is for; "-" is .npy on
/// stdout.
nncio::Status saveTensor(const std::string &path, const nncio::Tensor &tensor,
                         const std::string &name, nncio::ProtoForm form = {});

/// Type, shape, range, mean and the first elements in one line.
std::string summarize(const std::string &name, const nncio::Tensor &tensor);

/// A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
std::string jsonQuote(const std::string &text);

} // namespace nncrun

#endif // NNC_RUNNER_DATA_H
