//===----------------------------------------------------------------------===//
// What a lowered module says about the artifact to be made of it: the module
// attribute `nn.artifact`, checked, as plain structures.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_CPU_ARTIFACT_H
#define NNC_TARGET_CPU_ARTIFACT_H

#include "dialects/NN/IR/SignatureTypes.h"
#include "mlir/IR/BuiltinOps.h"
#include "nnc/DataIO/Tensor.h"
#include "nnc/Runtime/nncrt.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace mlir::nnc {

/// An input or output of an entry.
struct ArtifactValue {
  std::string name;
  nnc_type type = NNC_UNDEFINED;
  /// -1 where the dimension is not fixed.
  std::vector<int64_t> dims;
  /// Symbolic names, one a dimension, "" without one; or empty.
  std::vector<std::string> dimNames;
  /// A sequence of such tensors; with `anyRank` of whatever rank.
  bool isSequence = false;
  bool anyRank = false;
  bool isOptional = false; ///< May be absent.

  /// Bytes of the value, -1 if a dimension or the length of strings is not
  /// fixed.
  int64_t bytes() const;
};

struct ArtifactEntry {
  std::string name;
  std::string function; ///< Symbol of its host function.
  std::vector<ArtifactValue> inputs;
  std::vector<ArtifactValue> outputs;
  int64_t arenaBytes = 0; ///< -1: placed by the run.
  /// Most bytes that are alive at one time; -1: unknown.
  int64_t arenaLowerBound = -1;
  int64_t scratchBytes = 0; ///< Of one thread; -1: given by the run.
  std::vector<nncrt_lifetime> lifetimes;
  int32_t numSlots = 0;
  int32_t numPoolSlots = 0;
};

struct ArtifactKernel {
  std::string name;
  std::string nodes;               ///< ONNX node names, separated by newlines.
  std::vector<std::string> phases; ///< Symbols of their thunks, at least one.
  int64_t flops = -1;              ///< -1: unknown, also bytes.
  int64_t bytes = -1;
  double us = -1.0; ///< Predicted, in microseconds; negative: unknown.
  double lowUs = -1.0, highUs = -1.0; ///< An interval around it.
  int32_t bound = NNCRT_BOUND_UNKNOWN;
};

/// A constant at `offset` of the weight section. `data` is an ElementsAttr or a
/// `#nn.data`.
struct ArtifactWeight {
  uint64_t offset = 0;
  Attribute data;
  RankedTensorType type;

  /// The elements. Memory of files and attributes is referred to, not
  /// copied, unless a weight has transforms; they run here.
  llvm::Expected<nncio::Tensor> load() const;
};

/// The tables of an artifact. The module attribute `artifactAttrName` holds
/// them as a dictionary:
///
///   entries = [{name = "main", function = @run_main,
///     inputs = [{name = "x", type = tensor<1x?xf32>, dim_names = ["", "n"]}],
///     outputs = […], arena_bytes = 128 : i64, arena_lower_bound = 128 : i64,
///     scratch_bytes = 64 : i64,
///     lifetimes = array<i64: first, last, …>, num_slots = 2 : i64,
///     num_pool_slots = 0 : i64}],
///   kernels = [{name = "conv_1", nodes = "Conv_1\nRelu_2", phases = [@conv_1],
///     flops = 10 : i64, bytes = 20 : i64, us = 1.5 : f64, lo_us = 1.0 : f64,
///     hi_us = 2.0 : f64, bound = 1 : i64}],
///   weights = [{offset = 0 : i64, data = dense<1.0> : tensor<4xf32>,
///     type = tensor<4xf32>}],
///   weights_bytes = 16 : i64
///
/// `dim_names`, `arena_lower_bound`, and of a kernel all but name and phases,
/// may be absent. A host function is `llvm.func (!llvm.ptr) -> i32`, a phase
/// `llvm.func
/// (!llvm.ptr, i64, i64, !llvm.ptr)`; see nncrt_entry and nncrt_kernel_fn.
struct ArtifactInfo {
  std::vector<ArtifactEntry> entries;
  std::vector<ArtifactKernel> kernels;
  /// By rising offset, without overlap, within [0, weightsBytes).
  std::vector<ArtifactWeight> weights;
  uint64_t weightsBytes = 0;
};

/// Reads the attribute. Fails for what is missing, of a wrong kind, or not
/// consistent; the message says what and where.
llvm::Expected<ArtifactInfo> readArtifactInfo(ModuleOp module);

/// All entries as one JSON text:
///
///   {"version": 1, "entries": [{"name": "main",
///      "inputs": [{"name": "x", "type": "float32", "shape": [1, "n", null]}],
///      "outputs": […]}]}
///
/// A dimension is a number, a symbolic name, or null where neither is known.
/// Types: float32 float64 float16 bfloat16 int8 … int64 uint8 … uint64 bool.
std::string makeSignatureJson(const ArtifactInfo &info);

/// The C header of an artifact, self-contained: nnc.h, then PREFIX_signature,
/// PREFIX_create, PREFIX_run and PREFIX_destroy.
std::string makeCHeader(const ArtifactInfo &info, llvm::StringRef prefix);

} // namespace mlir::nnc

#endif // NNC_TARGET_CPU_ARTIFACT_H
