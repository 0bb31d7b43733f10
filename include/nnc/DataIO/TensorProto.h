//===----------------------------------------------------------------------===//
// ONNX TensorProto messages: the format of input_K.pb and output_K.pb.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_TENSORPROTO_H
#define NNC_DATAIO_TENSORPROTO_H

#include "nnc/DataIO/FileBytes.h"

namespace nncio {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// The name of a TensorProto.DataType, e.g. "FLOAT8E4M3FN", also of types that
/// have no ElementType; "data type N" if unknown.
std::string onnxTypeName(int64_t dataType);

/// Reads one TensorProto. The tensor refers to `bytes` where it can and then
/// shares `owner`; with a null owner it always copies. Such files carry no
/// type: a SequenceProto or an OptionalProto is refused by name where its
/// content shows it, and as a malformed tensor else.
Result<NamedTensor> parseTensorProto(Span bytes,
                                     std::shared_ptr<const void> owner);
Result<NamedTensor> readTensorProto(const std::string &path);

/// What a file is expected to hold: a TensorProto, a SequenceProto of tensors,
/// or an OptionalProto of either.
struct ProtoForm {
  bool isSequence = false;
  bool isOptional = false;
};

/// Reads a value of a known form. Where an optional value is expected, the file
/// may also hold the value itself.
Result<NamedTensor> readValueProto(const std::string &path, ProtoForm form);

/// Elements go to raw_data, strings to string_data. An error for Undefined and
/// over protobuf's 2 GiB.
Result<std::string> serializeTensorProto(const Tensor &tensor,
                                         const std::string &name);
/// The same of any value: a sequence becomes a SequenceProto, and where `form`
/// is optional, an OptionalProto, which alone tells an absent value from an
/// empty sequence. An error for an absent value that is not optional.
Result<std::string> serializeValueProto(const Tensor &value,
                                        const std::string &name,
                                        ProtoForm form = {});
Status writeTensorProto(const std::string &path, const Tensor &tensor,
                        const std::string &name);

} // namespace nncio

#endif // NNC_DATAIO_TENSORPROTO_H
