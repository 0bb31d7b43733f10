//===----------------------------------------------------------------------===//
// Chooses the format of a model by its path and puts the parts of the reader
// together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Import/ONNX/ModelReader.h"
#include "ModelReaderDetail.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir::nnc::onnximport;
using namespace mlir::nnc::onnximport::detail;

const TensorSource *LoadedModel::find(const onnx::TensorProto &tensor) const {
  std::optional<uint64_t> index = readMarker(tensor.raw_data());
  if (!index || *index >= sources.size())
    return nullptr;
  return &sources[*index];
}

namespace {
enum class Format { Binary, OnnxText, ProtoText };

/// Calls a visitor for the tensors of one message after the other. `where` is
/// built from the outside to the inside only when the visitor wants it.
struct TensorWalk {
  TensorVisitor visit;

  void sparse(onnx::SparseTensorProto &tensor, const llvm::Twine &where) {
    if (tensor.has_values())
      visit(*tensor.mutable_values(), "the values of a sparse tensor" + where);
    if (tensor.has_indices())
      visit(*tensor.mutable_indices(),
            "the indices of a sparse tensor" + where);
  }

  void attribute(onnx::AttributeProto &attribute, const llvm::Twine &where) {
    if (attribute.has_t())
      visit(*attribute.mutable_t(), "attribute" + where);
    for (onnx::TensorProto &tensor : *attribute.mutable_tensors())
      visit(tensor, "attribute" + where);
    if (attribute.has_sparse_tensor())
      sparse(*attribute.mutable_sparse_tensor(), where);
    for (onnx::SparseTensorProto &tensor : *attribute.mutable_sparse_tensors())
      sparse(tensor, where);
    if (attribute.has_g())
      graph(*attribute.mutable_g());
    for (onnx::GraphProto &nested : *attribute.mutable_graphs())
      graph(nested);
  }

  void nodes(google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
    for (onnx::NodeProto &node : nodes)
      for (onnx::AttributeProto &entry : *node.mutable_attribute())
        attribute(entry, " '" + llvm::Twine(entry.name()) + "' of node '" +
                             node.name() + "' (" + node.op_type() + ")");
  }

  void graph(onnx::GraphProto &graph) {
    for (onnx::TensorProto &tensor : *graph.mutable_initializer())
      visit(tensor, "an initializer");
    for (onnx::SparseTensorProto &tensor : *graph.mutable_sparse_initializer())
      sparse(tensor, " (initializer)");
    nodes(*graph.mutable_node());
  }
};
} // namespace

void detail::forEachTensor(onnx::ModelProto &model, TensorVisitor visit) {
  TensorWalk walk{visit};
  if (model.has_graph())
    walk.graph(*model.mutable_graph());
  for (onnx::TrainingInfoProto &training : *model.mutable_training_info()) {
    if (training.has_initialization())
      walk.graph(*training.mutable_initialization());
    if (training.has_algorithm())
      walk.graph(*training.mutable_algorithm());
  }
  for (onnx::FunctionProto &function : *model.mutable_functions())
    walk.nodes(*function.mutable_node());
}

static Format formatOf(llvm::StringRef path) {
  llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".onnxtxt")
    return Format::OnnxText;
  if (extension == ".textproto" || extension == ".pbtxt" ||
      extension == ".prototxt")
    return Format::ProtoText;
  return Format::Binary;
}

/// A backend folder stands for the model in it.
static llvm::Expected<std::string> modelFile(llvm::StringRef path) {
  if (path.empty())
    return makeError("expects the path of a model, but got an empty string");
  if (!llvm::sys::fs::is_directory(path))
    return path.str();
  llvm::SmallString<128> file(path);
  llvm::sys::path::append(file, "model.onnx");
  if (!llvm::sys::fs::exists(file))
    return makeError(path + ": the directory does not hold a model.onnx");
  return file.str().str();
}

/// What a model file often is by mistake; empty if nothing known.
static llvm::StringRef commonMistake(llvm::StringRef text) {
  if (text.starts_with("version https://git-lfs.github.com/"))
    return "is a Git LFS pointer; fetch the file itself with 'git lfs pull'";
  if (text.starts_with("PK\x03\x04"))
    return "is a ZIP archive; unpack the ONNX file";
  if (text.ltrim().starts_with_insensitive("<!doctype html") ||
      text.ltrim().starts_with_insensitive("<html"))
    return "is an HTML page, not a model; download the file itself";
  return "";
}

static llvm::Error parseFile(const LoadOptions &options, LoadedModel &model) {
  const MappedFile &file = model.files[0];
  const FileMapping &mapping = *file.mapping;
  llvm::StringRef text = llvm::toStringRef(mapping.bytes());
  if (text.empty())
    return makeError(file.path + ": the file is empty");
  llvm::StringRef mistake = commonMistake(text.take_front(256));
  if (!mistake.empty())
    return makeError(file.path + ": " + mistake);
  Format format = formatOf(file.path);
  if (format == Format::Binary) {
    mapping.setRandomAccess(true);
    llvm::Error error = parseBinaryModel(
        mapping.bytes(), options.cutThreshold, file.path,
        [&](uint64_t from, uint64_t to) { mapping.dropPages(from, to); },
        model);
    mapping.dropPages(0, mapping.bytes().size());
    mapping.setRandomAccess(false);
    return error;
  }
  model.proto = std::make_unique<onnx::ModelProto>();
  auto parse = format == Format::OnnxText ? parseOnnxText : parseProtoText;
  if (llvm::Error error = parse(text, file.path, *model.proto))
    return error;
  std::string forged;
  forEachTensor(*model.proto,
                [&](onnx::TensorProto &tensor, const llvm::Twine &where) {
                  if (readMarker(tensor.raw_data()))
                    forged = where.str();
                });
  if (!forged.empty())
    return makeError(file.path + ": " + forged +
                     ": raw_data starts with bytes that are reserved");
  return llvm::Error::success();
}

llvm::Expected<LoadedModel>
mlir::nnc::onnximport::loadModel(llvm::StringRef path,
                                 const LoadOptions &options) {
  llvm::Expected<std::string> file = modelFile(path);
  if (!file)
    return file.takeError();
  llvm::Expected<std::shared_ptr<const FileMapping>> mapping =
      FileMapping::open(*file);
  if (!mapping)
    return mapping.takeError();
  LoadedModel model;
  model.files.push_back(
      {*file, llvm::sys::path::filename(*file).str(), std::move(*mapping)});
  if (llvm::Error error = parseFile(options, model))
    return std::move(error);
  if (!model.proto->has_graph())
    return makeError(*file + ": the model has no graph");
  if (llvm::Error error = resolveExternalData(model, options))
    return std::move(error);
  return std::move(model);
}
