//===----------------------------------------------------------------------===//
// Translates an ONNX graph node by node.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
#define NNC_LIB_IMPORT_ONNX_GRAPHIMPORTER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/Analysis/ShapeResolver.h"
#include "nnc/Import/ONNX/Importer.h"
#include "nnc/Import/ONNX/ModelReader.h"

namespace mlir::nnc::onnximport {

/// Errors are collected, so that one run reports all; a value that could not be
/// made is known by its name and null, and what depends on it is skipped.
class GraphImporter {
public:
  GraphImporter(MLIRContext *context, const LoadedModel &model,
                const ImportOptions &options);

  /// The module, or null after errors, which have been emitted.
  OwningOpRef<ModuleOp> run();

  /// ---- for nodes ----
  OpBuilder builder;
  ShapeResolver shapes;
  /// Carried sequences that have no elements when their loop starts, while its
  /// body is imported for the first time.
  DenseSet<Value> emptySequences;

  /// The value called `name` in this scope or an outer one: nullopt if unknown,
  /// null if it could not be made.
  std::optional<Value> lookup(StringRef name) const;
  void define(StringRef name, Value value);
  void addError(Location loc, const Twine &message);
  bool hasErrors() const { return errors; }
  /// A constant for a tensor of the model, referring to the file if large.
  FailureOr<Value> importTensor(Location loc, const onnx::TensorProto &tensor,
                                StringRef name);
  FailureOr<nncio::Tensor> readTensor(const onnx::TensorProto &tensor,
                                      Location loc);
  /// Imports the nodes of a subgraph in a scope of its own and returns its
  /// outputs, null where one could not be made. `inputs` name its inputs.
  SmallVector<Value> importSubgraph(const onnx::GraphProto &graph,
                                    ValueRange inputs);
  /// The element type for an ONNX data type; null if unsupported.
  Type getElementType(int32_t dataType);
  /// The type of a tensor, a sequence or an optional value; reports what is not
  /// supported. Elements of a sequence without a shape, or with one of no
  /// dimensions, as exporters write it for an unknown one, have any rank.
  FailureOr<Type> getValueType(const onnx::TypeProto &type, Location loc);

private:
  LogicalResult importInputs(const onnx::GraphProto &graph);
  LogicalResult importInitializers(const onnx::GraphProto &graph);
  void importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &);
  void importNode(const onnx::NodeProto &node);
  bool importFunctionCall(const onnx::NodeProto &node, Location loc);
  LogicalResult importOutputs(const onnx::GraphProto &graph);
  FailureOr<Type> getInputType(const onnx::ValueInfoProto &info, Location loc,
                               SmallVectorImpl<Attribute> &names);
  Location getNodeLoc(const onnx::NodeProto &node);
  int64_t getOpset(StringRef domain) const;
  FailureOr<SmallVector<const onnx::NodeProto *>>
  sortNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);

  MLIRContext *context;
  const LoadedModel &model;
  const ImportOptions &options;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  SmallVector<llvm::StringMap<Value>> scopes;
  llvm::StringMap<int64_t> opsets;
  /// Attributes of the calls of model functions being inlined, innermost last.
  SmallVector<const onnx::NodeProto *> calls;
  unsigned errors = 0;
  unsigned depth = 0;
};

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_GRAPHIMPORTER_H
