//===----------------------------------------------------------------------===//
// How the command line names data: single files by extension, bindings of
// names to files, and folders of ONNX backend test data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_DATASPEC_H
#define NNC_DATAIO_DATASPEC_H

#include "nnc/DataIO/TensorProto.h"

namespace nncio {

/// Reads "x.npy", "x.npz" (with one array), "x.npz:key", "x.pb" or "x.png". A
/// file that has the whole text as its name is preferred to a key.
/// Sequences and optional values, which `form` tells, come as .pb alone.
Result<Tensor> loadTensorFile(const std::string &spec, ProtoForm form = {});

/// "NAME=@FILE": data for an input or a place for an output.
struct Binding {
  std::string name;
  /// What `loadTensorFile` takes.
  std::string file;
};

/// Splits at the first "=@"; names may contain '=' and ':'.
Result<Binding> parseBinding(const std::string &text);

/// A folder test_data_set_N: paths of input_K.pb and output_K.pb for K from 0.
struct TestDataSet {
  std::string folder;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

/// The folders test_data_set_N of `directory`, by N. An error if there is none
/// or if a K is missing below another.
Result<std::vector<TestDataSet>> listTestDataSets(const std::string &directory);

} // namespace nncio

#endif // NNC_DATAIO_DATASPEC_H
