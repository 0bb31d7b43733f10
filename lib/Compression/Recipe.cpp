//===----------------------------------------------------------------------===//
// Steps of compression, in a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Recipe.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/YAMLTraits.h"

using namespace mlir;
using namespace mlir::nnc;

LLVM_YAML_IS_SEQUENCE_VECTOR(RecipeStep)

template <>
struct llvm::yaml::MappingTraits<RecipeStep> {
  static void mapping(IO &io, RecipeStep &step) {
    io.mapOptional("prune", step.prune);
    io.mapOptional("quantize", step.quantize);
    io.mapOptional("method", step.method);
    io.mapOptional("align", step.align);
    io.mapOptional("least-weights", step.leastWeights);
    io.mapOptional("spread", step.spread);
    io.mapOptional("keep", step.keep);
    io.mapOptional("max-accuracy-drop", step.maxDrop);
  }
  static std::string validate(IO &, RecipeStep &step) {
    return step.prune.empty() == step.quantize.empty()
               ? "expected a step to have one of 'prune' and 'quantize'"
               : "";
  }
};

template <>
struct llvm::yaml::MappingTraits<Recipe> {
  static void mapping(IO &io, Recipe &recipe) {
    io.mapRequired("version", recipe.version);
    io.mapRequired("steps", recipe.steps);
  }
  static std::string validate(IO &, Recipe &recipe) {
    return recipe.version == 1 ? ""
                               : "expected version 1, but found " +
                                     std::to_string(recipe.version);
  }
};

/// The first message of the reader, in one line.
static void keepMessage(const llvm::SMDiagnostic &diagnostic, void *context) {
  auto &message = *static_cast<std::string *>(context);
  if (message.empty())
    message = (diagnostic.getFilename() + ":" + Twine(diagnostic.getLineNo()) +
               ": " + diagnostic.getMessage())
                  .str();
}

llvm::Expected<Recipe> Recipe::parse(StringRef text, StringRef name) {
  Recipe recipe;
  std::string message;
  llvm::MemoryBufferRef buffer(text, name);
  llvm::yaml::Input input(buffer, nullptr, keepMessage, &message);
  input >> recipe;
  if (input.error())
    return llvm::createStringError(
        message.empty() ? "expected a recipe: a version and steps" : message);
  for (const RecipeStep &step : recipe.steps)
    if (!step.prune.empty())
      if (llvm::Expected<PruneStep> made = makePruneStep(step); !made)
        return made.takeError();
  return recipe;
}

llvm::Expected<Recipe> Recipe::load(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError("can't read '" + path +
                                   "': " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

llvm::Expected<PruneStep> mlir::nnc::makePruneStep(const RecipeStep &step) {
  llvm::Expected<PruneStep> made = parsePruneStep(step.prune);
  if (!made)
    return made;
  std::optional<PruneMethod> method = parsePruneMethod(step.method);
  if (!method)
    return llvm::createStringError("expected the method auto, magnitude, wanda "
                                   "or sparsegpt, but found '" +
                                   step.method + "'");
  if (step.align < 1)
    return llvm::createStringError("expected channels in multiples of 1 or "
                                   "more, but found " +
                                   Twine(step.align));
  made->method = *method;
  made->align = step.align;
  made->leastWeights = step.leastWeights;
  made->spreads = step.spread;
  made->keep.assign(step.keep.begin(), step.keep.end());
  return made;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Puts the body of `from` in place of that of `to`.
static void restore(ModuleOp to, ModuleOp from) {
  to.getBody()->clear();
  to.getBody()->getOperations().splice(to.getBody()->end(),
                                       from.getBody()->getOperations());
}

llvm::Expected<std::vector<StepOutcome>> mlir::nnc::runRecipe(
    ModuleOp module, const Recipe &recipe, const DataSet *data,
    const Judge *judge, hw::TargetAttr target,
    llvm::function_ref<llvm::Error(ModuleOp, const RecipeStep &)> quantize) {
  std::vector<StepOutcome> outcomes;
  for (const RecipeStep &step : recipe.steps) {
    StepOutcome outcome;
    outcome.name = step.prune.empty() ? "quantize " + step.quantize
                                      : "prune " + step.prune;
    OwningOpRef<ModuleOp> before;
    if (judge && step.maxDrop)
      before = module.clone();
    if (!step.prune.empty()) {
      llvm::Expected<PruneStep> made = makePruneStep(step);
      if (!made)
        return made.takeError();
      if (llvm::Error error = prune(module, *made, data, target))
        return std::move(error);
    } else if (llvm::Error error = quantize(module, step)) {
      return std::move(error);
    }
    if (judge) {
      llvm::Expected<Comparison> comparison = judge->judge(module);
      if (!comparison)
        return comparison.takeError();
      outcome.comparison = *comparison;
      outcome.isKept = !step.maxDrop || comparison->loss <= *step.maxDrop;
      if (!outcome.isKept)
        restore(module, *before);
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}
