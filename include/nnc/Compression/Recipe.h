//===----------------------------------------------------------------------===//
// Steps of compression, in a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_RECIPE_H
#define NNC_COMPRESSION_RECIPE_H

#include "nnc/Compression/Evaluate.h"
#include "nnc/Compression/Pruning.h"

namespace mlir::nnc {

/// One step. Either `prune`, as `--prune` takes it, or `quantize`, as
/// `--quantize` does.
struct RecipeStep {
  std::string prune, quantize;
  std::string method = "auto";
  int64_t align = 16;
  int64_t leastWeights = 512;
  bool spread = true;
  /// Parts of names of nodes whose weights stay, or whose products are not
  /// quantized.
  std::vector<std::string> keep;
  /// The most that the metric may lose against the original; nothing: any.
  std::optional<double> maxDrop;
};

/// A file of steps, YAML:
///
/// ```yaml
/// version: 1
/// steps:
///   - prune: channel:0.3
///     keep: [ head ]
///   - prune: block:0.8:4x1
///     method: sparsegpt
///     max-accuracy-drop: 0.7
/// ```
struct Recipe {
  int64_t version = 1;
  std::vector<RecipeStep> steps;

  /// An error has what was expected, with the place in the text.
  static llvm::Expected<Recipe> parse(StringRef text, StringRef name);
  static llvm::Expected<Recipe> load(StringRef path);
};

/// What a step of a recipe, or `--prune`, means; an error says what was
/// expected.
llvm::Expected<PruneStep> makePruneStep(const RecipeStep &step);

/// What came of a step.
struct StepOutcome {
  std::string name; ///< What the step is called in the recipe.
  /// By the judge, where there is one.
  std::optional<Comparison> comparison;
  /// False if the step lost more than it may and was taken back.
  bool isKept = true;
};

/// Runs the steps on `module` (graph phase) one after the other. A step that
/// loses more than its `maxDrop`, by `judge`, which may be null, is taken back.
/// `quantize` does the steps of that kind.
llvm::Expected<std::vector<StepOutcome>> runRecipe(
    ModuleOp module, const Recipe &recipe, const DataSet *data,
    const Judge *judge, hw::TargetAttr target,
    llvm::function_ref<llvm::Error(ModuleOp, const RecipeStep &)> quantize);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_RECIPE_H
