//===----------------------------------------------------------------------===//
// Which entries of a model's tensors can only go together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_CHANNELGROUPS_H
#define NNC_COMPRESSION_CHANNELGROUPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/DataIO/Tensor.h"
#include "nnc/Interfaces/PrunableOpInterface.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallSet.h"

namespace mlir::nnc {

/// Entries that go together, of dimensions that are coupled: channels with all
/// that reads and makes them. After G. Fang et al., "DepGraph: Towards Any
/// Structural Pruning" (arXiv 2301.12900), with a class for each entry instead
/// of index maps: parts of concatenations, runs of reshapes and heads are
/// unions like any other.
class ChannelGroups {
public:
  struct Dim {
    Value value;
    int64_t dim;
    bool operator==(const Dim &other) const {
      return value == other.value && dim == other.dim;
    }
  };
  /// Dimensions that are coupled, and the classes of entries that may go.
  struct Group {
    SmallVector<Dim> dims;
    SmallVector<unsigned> classes;
  };

  /// Looks at the ops of the function's own block; arguments, results, values
  /// of control flow and of ops without PrunableOpInterface stay as they are.
  explicit ChannelGroups(func::FuncOp function);

  /// Those that hold a constant of rank 2 or more and two classes or more, in
  /// the order of the text.
  ArrayRef<Group> getGroups() const { return groups; }

  /// The class of an entry.
  unsigned getClass(Value value, int64_t dim, int64_t entry) const;

  /// What is left without some classes: lists for the dimensions that lose
  /// entries.
  KeptEntries keep(const llvm::SmallDenseSet<unsigned> &removed) const;

private:
  void addDims(Value value);
  void addOp(Operation *op);
  void join(const DimCoupling &coupling);
  void freeze(Value value);
  void freeze(Value value, int64_t dim);
  std::optional<unsigned> find(Value value, int64_t dim) const;
  void formGroups();

  /// Number of a dimension, and of its first entry.
  struct Place {
    unsigned dim, entry;
  };
  llvm::MapVector<std::pair<Value, int64_t>, Place> places;
  unsigned numEntries = 0;
  SmallVector<bool> frozen; ///< An entry; a class once they are formed.
  llvm::IntEqClasses entries, dims;
  SmallVector<Group> groups;
};

/// Couplings of an op whose operands all broadcast to its result.
void getBroadcastCouplings(Operation *op,
                           SmallVectorImpl<DimCoupling> &couplings);

/// What constants hold in place of what they are defined with.
using ChangedConstants = DenseMap<Value, nncio::Tensor>;

/// The function with the kept entries alone: constants are cut, ops adapt, and
/// types follow. `changed` may have constants that lose nothing, too.
LogicalResult shrinkTo(func::FuncOp function, const KeptEntries &kept,
                       const ChangedConstants &changed = ChangedConstants());

/// The same function with zeros in constants where entries would go.
LogicalResult maskTo(func::FuncOp function, const KeptEntries &kept);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_CHANNELGROUPS_H
