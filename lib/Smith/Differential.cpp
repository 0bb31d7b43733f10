//===----------------------------------------------------------------------===//
// Models computed in several ways.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Differential.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Target/CPU/JITModel.h"
#include "nnc/Target/CPU/TargetOptions.h"

#include <algorithm>
#include <map>

using namespace mlir;
using namespace nncsmith;

const char *nncsmith::verdictName(Verdict verdict) {
  switch (verdict) {
  case Verdict::Agrees:
    return "agrees";
  case Verdict::Refused:
    return "refused";
  case Verdict::Differs:
    return "differs";
  case Verdict::Fails:
    return "fails";
  case Verdict::Crashes:
    return "crashes";
  case Verdict::Hangs:
    return "hangs";
  }
  return "";
}

static bool runsHere(const std::string &name) {
  llvm::Expected<nnc::TargetOptions> target = nnc::resolveTarget(name);
  if (!target) {
    llvm::consumeError(target.takeError());
    return false;
  }
  llvm::Error error = nnc::checkRunsHere(*target);
  bool runs = !error;
  llvm::consumeError(std::move(error));
  return runs;
}

std::vector<Variant> nncsmith::getVariants() {
  std::vector<Variant> variants(8);
  variants[0].name = "-O3";
  variants[1].name = "-O0";
  variants[1].optLevel = 0;
  variants[2].name = "--no-fuse";
  variants[2].fuse = false;
  variants[3].name = "known dimensions";
  variants[3].isStatic = true;
  // Of usual units there is often but one.
  variants[3].unitWork = 20000;
  // All passes of the compiler, and few of LLVM's.
  variants[4].name = "-O1";
  variants[4].optLevel = 1;
  variants[5].name = "--precision=relaxed";
  variants[5].precision = "relaxed";
  variants[6].name = "--memory-budget=1";
  variants[6].arenaBudget = 1;
  variants[6].optLevel = 1;
  variants[7].name = "--check-bounds";
  variants[7].checkBounds = true;
  variants[7].optLevel = 1;
  for (const char *target : {"x86-64-v3", "x86-64-v4"})
    if (runsHere(target)) {
      Variant &variant = variants.emplace_back();
      variant.name = variant.target = target;
    }
  return variants;
}

std::vector<Variant> nncsmith::pickVariants(uint64_t seed, size_t count) {
  Random random(seed ^ 0x5eed);
  std::vector<Variant> all = getVariants(), picked;
  // -O1 compiles in half the time.
  auto main = all.begin() + (random.chance(0.7) ? 4 : 0);
  picked.push_back(*main);
  all.erase(main);
  while (picked.size() <= count && !all.empty()) {
    auto chosen = all.begin() + random.between(0, int64_t(all.size()) - 1);
    picked.push_back(*chosen);
    all.erase(chosen);
  }
  return picked;
}

namespace {
/// One model being judged.
class Judge {
public:
  Judge(const SmithModel &model) : model(model) {}
  Finding run(const std::vector<Variant> &variants);

private:
  Finding judgeVariant(const Variant &variant);
  Finding judgeCode(const std::shared_ptr<nnc::JITModel> &code);
  /// Outputs of code against those of the interpreter, for these inputs.
  Finding compare(const Tensors &inputs, const Outputs &actual,
                  const Outputs &expected);
  Finding judgeOtherSizes(nncrun::CompiledModel &code);

  const SmithModel &model;
  Engine engine;
  OwningOpRef<ModuleOp> imported, lowered;
  Outputs expected = Outputs::failure("");
};
} // namespace

Finding Judge::compare(const Tensors &inputs, const Outputs &actual,
                       const Outputs &expected) {
  if (!actual && !expected)
    return {Verdict::Agrees, ""};
  if (!actual)
    return {Verdict::Fails, "run: " + actual.error()};
  if (!expected)
    return {Verdict::Differs,
            "the interpreter fails, the code does not: " + expected.error()};
  std::string reason = explainDifference(*imported, inputs, *actual, *expected);
  return {reason.empty() ? Verdict::Agrees : Verdict::Differs, reason};
}

/// The inputs cut or repeated so that free dimensions of one name have another
/// common size; nothing if there are none.
static std::optional<Tensors> resizeInputs(const SmithModel &model) {
  std::map<std::string, int64_t> sizes;
  Tensors result;
  for (int i = 0; i < model.proto.graph().input_size(); ++i) {
    const auto &shape =
        model.proto.graph().input(i).type().tensor_type().shape();
    const Tensor &given = model.inputs[size_t(i)];
    Shape wanted = given.shape();
    for (int j = 0; j < shape.dim_size(); ++j)
      if (shape.dim(j).has_dim_param()) {
        int64_t number = int64_t(sizes.size());
        int64_t size = wanted[size_t(j)];
        auto entry = sizes.emplace(shape.dim(j).dim_param(),
                                   number % 2 ? size + 3 : (size + 1) / 2);
        wanted[size_t(j)] = entry.first->second;
      }
    Tensor resized(given.type(), wanted);
    for (int64_t k = 0; k < resized.size() && !given.empty(); ++k)
      resized.setDouble(k, given.getDouble(k % given.size()));
    result.push_back(std::move(resized));
  }
  if (sizes.empty())
    return std::nullopt;
  return result;
}

Finding Judge::judgeOtherSizes(nncrun::CompiledModel &code) {
  std::optional<Tensors> inputs = resizeInputs(model);
  if (!inputs)
    return {Verdict::Agrees, ""};
  Outputs expected = interpret(*imported, *inputs);
  Finding finding = compare(*inputs, code.run(*inputs), expected);
  // A model need not run with any sizes. What nobody uses is not computed, so
  // code may not see it.
  if (!expected || finding.verdict == Verdict::Fails)
    return {Verdict::Agrees, ""};
  if (finding.isBug())
    finding.reason = "with other sizes: " + finding.reason;
  return finding;
}

Finding Judge::judgeCode(const std::shared_ptr<nnc::JITModel> &code) {
  auto alone = openCode(code, 1), threaded = openCode(code, 3);
  if (!alone || !threaded)
    return {Verdict::Fails, alone.error() + threaded.error()};
  Outputs first = (*alone)->run(model.inputs);
  Finding finding = compare(model.inputs, first, expected);
  if (finding.isBug() || !first)
    return finding;
  Outputs again = (*alone)->run(model.inputs);
  if (!again || !sameBits(*first, *again))
    return {Verdict::Differs, "a second run gives something else"};
  Outputs parallel = (*threaded)->run(model.inputs);
  if (!parallel || !sameBits(*first, *parallel))
    return {Verdict::Differs, "three threads give something else than one"};
  return judgeOtherSizes(**alone);
}

Finding Judge::judgeVariant(const Variant &variant) {
  OwningOpRef<ModuleOp> module;
  if (variant.isStatic) {
    module = engine.import(makeStatic(model));
    if (!module || !engine.lowerToGraph(*module))
      return {expected ? Verdict::Fails : Verdict::Agrees,
              "only without dimensions known: " + engine.takeErrors()};
  } else {
    module = lowered->clone();
  }
  auto code = engine.compile(*module, variant);
  if (!code)
    return {Verdict::Fails, "compile: " + code.error()};
  if (!variant.isStatic)
    return judgeCode(*code);
  auto opened = openCode(*code, 1);
  if (!opened)
    return {Verdict::Fails, opened.error()};
  return compare(model.inputs, (*opened)->run(model.inputs), expected);
}

Finding Judge::run(const std::vector<Variant> &variants) {
  imported = engine.import(model.proto);
  if (!imported)
    return {Verdict::Refused, engine.takeErrors()};
  lowered = imported->clone();
  if (!engine.lowerToGraph(*lowered))
    return {Verdict::Refused, engine.takeErrors()};
  expected = interpret(*imported, model.inputs);
  for (const Variant &variant : variants) {
    Finding finding = judgeVariant(variant);
    if (!finding.isBug())
      continue;
    finding.reason = variant.name + ": " + finding.reason;
    return finding;
  }
  return {Verdict::Agrees, ""};
}

Finding nncsmith::judge(const SmithModel &model,
                        const std::vector<Variant> &variants) {
  return Judge(model).run(variants);
}

Finding nncsmith::judgeNonsense(const SmithModel &model) {
  Engine engine;
  OwningOpRef<ModuleOp> module = engine.import(model.proto);
  if (!module || !engine.lowerToGraph(*module)) {
    std::string errors = engine.takeErrors();
    return {errors.empty() ? Verdict::Fails : Verdict::Refused,
            errors.empty() ? "refused without a message" : errors};
  }
  Variant quick;
  quick.optLevel = 0;
  auto code = engine.compile(*module, quick);
  if (!code)
    return {Verdict::Fails, "compile: " + code.error()};
  return {Verdict::Agrees, ""};
}
