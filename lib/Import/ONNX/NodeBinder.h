//===----------------------------------------------------------------------===//
// One ONNX node as its import function sees it: inputs, attributes and outputs
// with arity and types checked, and the builder of what replaces it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_NODEBINDER_H
#define NNC_LIB_IMPORT_ONNX_NODEBINDER_H

#include "OpTable.h"
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/Location.h"
#include "nnc/Analysis/ShapeResolver.h"
#include "nnc/Import/ONNX/ModelReader.h"

namespace mlir::nnc::onnximport {

class GraphImporter;

/// A type as messages print it.
std::string typeText(Type type);

class NodeBinder {
public:
  NodeBinder(GraphImporter &importer, const onnx::NodeProto &node,
             int64_t version);

  /// ---- what the node is ----
  StringRef opType() const { return node.op_type(); }
  /// Its name, or that of its first output.
  StringRef name() const {
    return cast<NameLoc>(location).getName().getValue();
  }
  /// The opset version of the node's domain.
  int64_t version() const { return opset; }
  Location loc() const { return location; }
  OpBuilder &builder();
  MLIRContext *context() { return builder().getContext(); }

  /// ---- inputs ----
  size_t numInputs() const { return node.input_size(); }
  bool hasInput(size_t index) const;
  /// Reports and returns null if the input is not given.
  Value input(size_t index);
  /// Null if the input is not given.
  Value optionalInput(size_t index);
  /// As input, but a sequence or an optional value is welcome too.
  Value anyInput(size_t index);
  /// All inputs from `first` on; fails if one is empty.
  FailureOr<SmallVector<Value>> inputsFrom(size_t first);
  static RankedTensorType typeOf(Value tensor);
  static Type elementTypeOf(Value tensor);
  static int64_t rankOf(Value tensor);
  /// All elements of an integer tensor, if they are known now.
  std::optional<SmallVector<int64_t>> constantInts(Value tensor);
  /// All elements of a float or integer tensor, if they are known now.
  std::optional<SmallVector<double>> constantDoubles(Value tensor);
  /// The dimensions of `tensor`, as numbers or index values.
  SmallVector<Dim> shape(Value tensor);
  /// `axis` counted from the front; reports if it is out of range.
  FailureOr<int64_t> normalizeAxis(int64_t axis, int64_t rank);
  FailureOr<SmallVector<int64_t>> normalizeAxes(ArrayRef<int64_t> axes,
                                                int64_t rank);

  /// Reports unless the two can be equal; dynamic ones are checked at the run,
  /// which fails with `message`.
  LogicalResult requireEqual(Dim a, Dim b, StringRef message);

  /// ---- attributes; the default where the node has none ----
  bool hasAttr(StringRef name) const;
  int64_t intAttr(StringRef name, int64_t value);
  double floatAttr(StringRef name, double value);
  std::string stringAttr(StringRef name, StringRef value);
  std::optional<SmallVector<int64_t>> intsAttr(StringRef name);
  std::optional<SmallVector<float>> floatsAttr(StringRef name);
  std::optional<SmallVector<std::string>> stringsAttr(StringRef name);
  /// Null if the node has no such attribute.
  const onnx::AttributeProto *attr(StringRef name) const;
  FailureOr<nncio::Tensor> tensorAttr(StringRef name);
  /// The element type that an ONNX data type number means; reports if none.
  FailureOr<Type> elementType(int64_t onnxType);

  /// ---- building ----
  /// Creates an op with one result from its operands and attributes in ODS
  /// order, infers its type, verifies, folds, and computes it on the host where
  /// it can. Null after an error, which is reported with the node's name.
  template <typename OpTy, typename... Args>
  Value create(Args &&...args) {
    SmallVector<Value> results =
        createMulti<OpTy>(1, std::forward<Args>(args)...);
    return results.empty() ? Value() : results.front();
  }
  /// The same for `count` results; empty after an error.
  template <typename OpTy, typename... Args>
  SmallVector<Value> createMulti(unsigned count, Args &&...args) {
    // Operands that an earlier step failed to make have been reported.
    if (failedAlready)
      return {};
    SmallVector<Type> unknown(count, NoneType::get(context()));
    Operation *op = OpTy::create(builder(), loc(), TypeRange(unknown),
                                 std::forward<Args>(args)...);
    return finish(op);
  }
  Value constant(const nncio::Tensor &tensor);
  /// A rank-1 i64 constant.
  Value indices(ArrayRef<int64_t> values);
  /// A rank-1 i64 tensor of numbers and index values.
  Value indices(ArrayRef<Dim> values);
  /// A rank-0 constant of an element type.
  Value scalar(Type elementType, double value);
  Value reshape(Value tensor, ArrayRef<int64_t> shape);
  Value reshape(Value tensor, ArrayRef<Dim> shape);
  Value transpose(Value tensor, ArrayRef<int64_t> permutation);

  /// ---- outputs ----
  size_t numOutputs() const { return node.output_size(); }
  /// True if someone may use output `index`.
  bool hasOutput(size_t index) const;
  /// Sets output `index`; null values are errors that have been reported.
  LogicalResult result(size_t index, Value value);
  LogicalResult result(Value value) { return result(0, value); }

  /// Reports an error with the node's name; always failure.
  LogicalResult error(const Twine &message);
  GraphImporter &getImporter() { return importer; }
  const onnx::NodeProto &proto() const { return node; }

private:
  /// Infers, verifies, folds; see create.
  SmallVector<Value> finish(Operation *op);

  GraphImporter &importer;
  const onnx::NodeProto &node;
  int64_t opset;
  Location location;
  bool failedAlready = false;
};

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_NODEBINDER_H
