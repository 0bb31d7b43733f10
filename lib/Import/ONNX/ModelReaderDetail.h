//===----------------------------------------------------------------------===//
// What the files of the model reader share: errors, tensor markers, the wire
// scanner, the text parsers, a walk over all tensors of a model.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_IMPORT_ONNX_MODELREADERDETAIL_H
#define NNC_IMPORT_ONNX_MODELREADERDETAIL_H

#include "nnc/Import/ONNX/ModelReader.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/Twine.h"
#include <optional>

namespace mlir::nnc::onnximport::detail {

/// Levels of graphs in graphs that are read; deeper files are refused, because
/// the reader recurses.
constexpr unsigned kMaxGraphDepth = 64;
/// Levels of messages that protobuf may read: 3 a graph, and some for the
/// types and the metadata inside.
constexpr int kMaxMessageDepth = 256;

llvm::Error makeError(const llvm::Twine &message);

/// raw_data of a tensor whose bytes are elsewhere: a fixed tag and a number. A
/// file may well contain the same bytes: the scanner cuts out whatever looks
/// like a marker, and the text formats refuse it, so that after loading each
/// marker is one of ours. The marker replaces raw_data where it stood, so that
/// protobuf's rule for repeated fields (the last one wins) needs no care.
std::string makeMarker(uint64_t index);
std::optional<uint64_t> readMarker(llvm::StringRef rawData);

/// A model in the wire format without its large raw_data.
struct StrippedModel {
  std::string bytes;
  /// The bytes that were cut out, in file 0, as numbered by the markers.
  std::vector<TensorSource> sources;
};

/// Cuts raw_data of at least `cutThreshold` bytes out of a serialized
/// ModelProto. Reads nothing of what it cuts out. `release(from, to)` is called
/// now and then for parts that will not be read again. Messages start with
/// `path`.
llvm::Expected<StrippedModel>
stripModel(llvm::ArrayRef<uint8_t> file, uint64_t cutThreshold,
           llvm::StringRef path,
           llvm::function_ref<void(uint64_t, uint64_t)> release);

/// strip, then parse by protobuf; `model` gets proto and sources.
llvm::Error parseBinaryModel(
    llvm::ArrayRef<uint8_t> file, uint64_t cutThreshold, llvm::StringRef path,
    llvm::function_ref<void(uint64_t, uint64_t)> release, LoadedModel &model);

/// ONNX's text syntax, and protobuf's.
llvm::Error parseOnnxText(llvm::StringRef text, llvm::StringRef path,
                          onnx::ModelProto &proto);
llvm::Error parseProtoText(llvm::StringRef text, llvm::StringRef path,
                           onnx::ModelProto &proto);

/// Calls `visit` with each tensor of the model, also those in attributes,
/// nested graphs, functions, sparse tensors, training information, and with
/// words that tell where it is.
using TensorVisitor =
    llvm::function_ref<void(onnx::TensorProto &, const llvm::Twine &where)>;
void forEachTensor(onnx::ModelProto &model, TensorVisitor visit);

/// Maps the files that external tensors name and gives those tensors markers.
llvm::Error resolveExternalData(LoadedModel &model, const LoadOptions &options);

/// Bytes that a tensor of this type and these dimensions takes in raw form, by
/// ONNX's packing of elements smaller than a byte; or what is wrong.
llvm::Expected<uint64_t> expectedBytes(const onnx::TensorProto &tensor);

/// "float32", "float8e4m3fn", ...; "type 99" for an unknown number.
std::string typeName(int32_t dataType);

/// "2x3x4", or "scalar".
std::string dimsText(const onnx::TensorProto &tensor);

} // namespace mlir::nnc::onnximport::detail

#endif // NNC_IMPORT_ONNX_MODELREADERDETAIL_H
