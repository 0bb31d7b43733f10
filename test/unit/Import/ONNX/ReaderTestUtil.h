//===----------------------------------------------------------------------===//
// Temporary folders, files and messages for the tests of the model reader.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_UNIT_IMPORT_ONNX_READERTESTUTIL_H
#define NNC_TEST_UNIT_IMPORT_ONNX_READERTESTUTIL_H

#include "nnc/Import/ONNX/ModelReader.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

namespace mlir::nnc::onnximport::test {

/// A folder that lives as long as this object.
class TempFolder {
public:
  TempFolder() {
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("nnc-reader", folder));
  }
  ~TempFolder() { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) const {
    llvm::SmallString<128> file(folder);
    llvm::sys::path::append(file, name);
    return file.str().str();
  }

  std::string write(llvm::StringRef name, llvm::StringRef content) const {
    std::string file = path(name);
    llvm::sys::fs::create_directories(llvm::sys::path::parent_path(file));
    std::error_code code;
    llvm::raw_fd_ostream stream(file, code);
    EXPECT_FALSE(code) << code.message();
    stream << content;
    return file;
  }

private:
  llvm::SmallString<128> folder;
};

/// The message of a failure; "no error" otherwise.
template <typename T>
std::string messageOf(llvm::Expected<T> value) {
  return value ? "no error" : llvm::toString(value.takeError());
}

inline std::string loadMessage(llvm::StringRef path) {
  return messageOf(loadModel(path));
}

/// A model of one graph with one float initializer of `elements` in raw_data,
/// all of whose bytes are `fill`.
inline onnx::ModelProto rawModel(int64_t elements, char fill = 'w') {
  onnx::ModelProto model;
  model.set_ir_version(8);
  onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  tensor->add_dims(elements);
  tensor->set_raw_data(std::string(elements * 4, fill));
  return model;
}

/// The bytes of a tensor, wherever they are.
inline std::string rawBytes(const onnx::TensorProto &tensor,
                            const LoadedModel &model) {
  const TensorSource *source = model.find(tensor);
  if (!source)
    return tensor.raw_data();
  llvm::ArrayRef<uint8_t> bytes =
      model.files[source->file].mapping->bytes().slice(source->offset,
                                                       source->length);
  return std::string(bytes.begin(), bytes.end());
}

} // namespace mlir::nnc::onnximport::test

#endif // NNC_TEST_UNIT_IMPORT_ONNX_READERTESTUTIL_H
