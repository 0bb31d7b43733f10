//===----------------------------------------------------------------------===//
// What operators with graphs as attributes share: bodies, types that branches
// or iterations have in common, loops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_CONTROLFLOW_H
#define NNC_LIB_IMPORT_ONNX_CONTROLFLOW_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// The graph in attribute `name`; null after an error.
const onnx::GraphProto *getGraph(NodeBinder &node, StringRef name);

/// Imports `graph` at the end of `block` with `inputs` as its inputs and gives
/// its outputs. What was found out about shapes inside is forgotten outside.
FailureOr<SmallVector<Value>> importBody(NodeBinder &node,
                                         const onnx::GraphProto &graph,
                                         Block *block, ValueRange inputs);

/// The type that values of both types can have: dimensions that differ become
/// dynamic, elements of sequences that differ in rank unranked. Null if there
/// is none.
Type joinTypes(Type a, Type b);

/// `value` as `type`, which joinTypes has given for it.
Value castTo(OpBuilder &builder, Location loc, Value value, Type type);

/// The type of a sequence of such elements: all dimensions dynamic.
nn::SequenceType getSequenceType(Type element);

/// The elements of a static tensor of signless numbers as scalars of the host.
SmallVector<Value> getElements(NodeBinder &node, Value tensor);

/// Element 0 of a tensor of one integer or bool element as a scalar of the
/// host. Null after an error.
Value extractScalar(NodeBinder &node, Value tensor);

/// A scalar of the host as a tensor of rank 0.
Value makeTensor(NodeBinder &node, Value scalar);

/// A loop in the making: its shape is the same for Loop, Scan and SequenceMap.
/// Small integer tensors that start as host scalars are carried as scalars;
/// what an iteration collects goes through sequences.
class LoopImporter {
public:
  explicit LoopImporter(NodeBinder &node) : node(node) {}

  /// A value of all iterations that a body's output is collected into.
  struct Collected {
    int64_t axis = 0;        ///< in the result, of the iterations
    bool isFront = false;    ///< the last iteration comes first
    bool isSequence = false; ///< the result is a sequence, not a tensor
  };

  /// What comes in from before the loop; see addCarried.
  SmallVector<Value> inits;
  SmallVector<Collected> collected;
  /// The number of iterations; null if only the condition ends the loop.
  Value trips;
  /// i1: null if only the number of iterations ends the loop.
  Value condition;

  /// Imports one iteration at the builder's insertion point: from the position
  /// (index) and the carried values to the next condition (i1, null if there is
  /// none), the carried values and what is collected. May be called several
  /// times, until the types of carried values hold.
  using Body = function_ref<FailureOr<SmallVector<Value>>(Value position,
                                                          ValueRange carried)>;

  /// Carried values after the loop, then what was collected.
  FailureOr<SmallVector<Value>> run(Body body);

private:
  struct Carried {
    Type type;
    bool isScalar = false;
    bool isEmpty = false; ///< a sequence without elements so far
  };

  FailureOr<Operation *> tryImport(Body body, bool &changed);
  Operation *createLoop(ValueRange flat);
  SmallVector<Value> flattenCarried(ValueRange values);
  SmallVector<Value> bindCarried(ValueRange flat);
  FailureOr<bool> generalize(ValueRange values);
  void finishBody(Operation *loop, ValueRange arguments, Value nextCondition,
                  ValueRange outputs);
  FailureOr<Value> finishCollected(Value sequence, Type element,
                                   const Collected &how);

  NodeBinder &node;
  SmallVector<Carried> carried;
  SmallVector<Type> elementTypes; ///< of what is collected
};

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_CONTROLFLOW_H
