//===----------------------------------------------------------------------===//
// Reads ONNX model files without copying their weights: the file is mapped, the
// large tensors are cut out of the protobuf before it is parsed, and what stays
// of them is a reference into the mapping.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_IMPORT_ONNX_MODELREADER_H
#define NNC_IMPORT_ONNX_MODELREADER_H

#include "nnc/DataIO/Tensor.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <onnx/onnx_pb.h>
#include <string>
#include <vector>

namespace mlir::nnc::onnximport {

/// A file mapped read-only. Pages are read from disk when they are touched. A
/// file that another process shortens meanwhile makes reads of the lost part
/// fail with SIGBUS, as with any mapping.
class FileMapping {
public:
  /// Maps the regular file at `path`. Fails if it is missing, unreadable, or
  /// anything but a regular file; the message starts with `path`.
  static llvm::Expected<std::shared_ptr<const FileMapping>>
  open(llvm::StringRef path);

  FileMapping(const FileMapping &) = delete;
  FileMapping &operator=(const FileMapping &) = delete;
  ~FileMapping();

  llvm::ArrayRef<uint8_t> bytes() const { return {begin, length}; }

  /// Whether both map the same file, under whatever names.
  bool isSameFile(const FileMapping &other) const {
    return device == other.device && inode == other.inode;
  }

  /// Forgets the pages that hold bytes [from, to): they leave the memory of
  /// this process and are fetched again when touched.
  void dropPages(uint64_t from, uint64_t to) const;

  /// Tells the system that bytes will be read here and there (no read-ahead),
  /// or again as usual.
  void setRandomAccess(bool random) const;

private:
  FileMapping() = default;

  const uint8_t *begin = nullptr;
  size_t length = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
};

struct MappedFile {
  /// Path to open it by: as the user gave it, or the model's folder joined with
  /// the location in the model.
  std::string path;
  /// Path relative to the model's folder, with '/' and no "." or "..".
  std::string relativePath;
  std::shared_ptr<const FileMapping> mapping;
};

/// Where the bytes of a tensor are: `length` bytes from byte `offset` of
/// LoadedModel::files[file]. Bounds are checked when the model is loaded;
/// alignment is whatever the writer chose.
struct TensorSource {
  int file = -1;
  uint64_t offset = 0;
  uint64_t length = 0;
};

struct LoadOptions {
  /// raw_data of at least this many bytes stays in the file.
  uint64_t cutThreshold = 1024;
  /// Compare the SHA-1 that external data may carry; reads those files whole.
  bool verifyChecksums = false;
};

struct LoadedModel {
  /// The model. raw_data of a tensor that `find` knows holds a short internal
  /// marker instead of the tensor's bytes, also in copies of the tensor: read
  /// tensors through `find` or `readTensor` only.
  std::unique_ptr<onnx::ModelProto> proto;
  /// files[0] is the model's file, the others hold external data.
  std::vector<MappedFile> files;
  /// What the markers number.
  std::vector<TensorSource> sources;

  /// Where the bytes of `tensor`, one of `proto` or a copy of one, are; null
  /// if they are in the message itself.
  const TensorSource *find(const onnx::TensorProto &tensor) const;
};

/// Loads `path`: `.onnx` or any other extension is binary protobuf, `.onnxtxt`
/// is ONNX text, `.textproto`, `.pbtxt` and `.prototxt` are protobuf text of a
/// ModelProto, and a directory is one that holds model.onnx. External data is
/// mapped and its bounds are checked. Fails with a message that names the file
/// and what is wrong in it; problems of external data are collected, one per
/// line.
llvm::Expected<LoadedModel> loadModel(llvm::StringRef path,
                                      const LoadOptions &options = {});

/// The elements of `tensor`, one of `model` or a copy of one. Bytes in a mapped
/// file are shared, not copied. Fails, naming the tensor, if the type is not
/// one of nncio::ElementType, if the dimensions are invalid, or if the data
/// does not have as many elements as they say.
llvm::Expected<nncio::Tensor> readTensor(const onnx::TensorProto &tensor,
                                         const LoadedModel &model);

} // namespace mlir::nnc::onnximport

#endif // NNC_IMPORT_ONNX_MODELREADER_H
