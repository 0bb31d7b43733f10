//===----------------------------------------------------------------------===//
// Compiles a module with values as further results, and runs it on data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Observe.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/Threading.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/CompiledModel.h"
#include "nnc/Target/CPU/JITModel.h"

#include <cmath>
#include <thread>

using namespace mlir;
using namespace mlir::nnc;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message.str());
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

int64_t DataSet::countSamples() const {
  int64_t count = 0;
  for (const nncrun::SampleSet &set : sets)
    count += set.inputs.empty() || set.inputs[0].rank() == 0
                 ? 1
                 : set.inputs[0].shape()[0];
  return count;
}

static bool isReal(nncio::ElementType type) {
  return nncio::isFloat(type) && !nncio::isNarrowFloat(type);
}

/// The first number that is not finite; nothing if there is none.
static std::optional<double> findNotFinite(const nncio::Tensor &tensor) {
  if (!isReal(tensor.type()))
    return std::nullopt;
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (double number = tensor.getDouble(i); !std::isfinite(number))
      return number;
  return std::nullopt;
}

/// Dimensions but the first one, which counts samples, must be the input's.
static llvm::Error checkInput(const nncrun::ValueInfo &info,
                              const nncio::Tensor &tensor) {
  if (tensor.isSequence() || tensor.isAbsent())
    return llvm::Error::success();
  if (info.type != tensor.type())
    return fail("input '" + info.name + "' takes " +
                nncio::elementName(info.type) + ", but the data has " +
                nncio::elementName(tensor.type()));
  bool fits = info.anyRank || info.dims.size() == tensor.shape().size();
  for (size_t i = 1; fits && i < info.dims.size(); ++i)
    fits = info.dims[i] < 0 || info.dims[i] == tensor.shape()[i];
  if (!fits)
    return fail("the data of input " + info.text() + " has shape " +
                nncrun::shapeText(tensor.shape()) +
                "; all but the first axis, which counts samples, must be the "
                "same");
  if (tensor.empty())
    return fail("the data of input '" + info.name + "' is empty");
  if (std::optional<double> number = findNotFinite(tensor))
    return fail("the data of input '" + info.name + "' has " +
                (std::isnan(*number) ? "a NaN" : "an infinity") +
                " in it; expected finite numbers");
  return llvm::Error::success();
}

/// The first rows, of tensors that have one a sample.
static void limitRows(nncrun::Tensors &tensors, int64_t samples,
                      int64_t limit) {
  for (nncio::Tensor &tensor : tensors) {
    if (tensor.rank() == 0 || tensor.shape()[0] != samples)
      continue;
    std::vector<int64_t> shape = tensor.shape();
    shape[0] = limit;
    auto whole = std::make_shared<nncio::Tensor>(tensor);
    tensor =
        nncio::Tensor(tensor.type(), std::move(shape), whole->data(), whole);
  }
}

DataSet DataSet::take(int64_t samples) const {
  DataSet some = *this;
  for (nncrun::SampleSet &set : some.sets) {
    if (set.inputs.empty() || set.inputs[0].rank() == 0)
      continue;
    int64_t count = set.inputs[0].shape()[0];
    if (count <= samples)
      continue;
    limitRows(set.inputs, count, samples);
    limitRows(set.expected, count, samples);
  }
  return some;
}

llvm::Expected<DataSet> mlir::nnc::loadDataSet(ArrayRef<std::string> specs,
                                               ModuleOp module, int64_t limit) {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return fail("the module has no entry point");
  nncio::Result<nncrun::Signature> signature = readSignature(entry);
  if (!signature)
    return fail(signature.error());
  auto sets = nncrun::loadSamples(specs.vec(), *signature);
  if (!sets)
    return fail(sets.error());
  DataSet data;
  data.sets = std::move(*sets);
  for (nncrun::SampleSet &set : data.sets) {
    if (set.inputs.size() != signature->inputs.size())
      return fail("expected data for " + Twine(signature->inputs.size()) +
                  " inputs, but found " + Twine(set.inputs.size()));
    for (auto [info, tensor] : llvm::zip(signature->inputs, set.inputs))
      if (llvm::Error error = checkInput(info, tensor))
        return std::move(error);
  }
  if (data.sets.empty())
    return fail("there are no samples");
  return data.take(limit);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Makes `values` results of the function; tells which one each of them is.
static llvm::Error addResults(func::FuncOp function, ArrayRef<Value> values,
                              std::vector<size_t> &places) {
  Block &block = function.getBody().front();
  Operation *end = block.getTerminator();
  unsigned before = end->getNumOperands();
  for (Value value : values) {
    if (value.getParentBlock() != &block)
      return fail("a value inside of control flow can't be observed");
    if (!isa<RankedTensorType>(value.getType()))
      return fail("only tensors can be observed");
    auto added = end->getOperands().drop_front(before);
    auto place = llvm::find(added, value);
    places.push_back(before + size_t(place - added.begin()));
    if (place == added.end())
      end->insertOperands(end->getNumOperands(), value);
  }
  SmallVector<DictionaryAttr> attributes;
  function.getAllResultAttrs(attributes);
  Builder builder(function.getContext());
  attributes.resize(before, builder.getDictionaryAttr({}));
  for (unsigned i = before; i < end->getNumOperands(); ++i)
    attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(
        nn::NNDialect::nameAttrName,
        builder.getStringAttr("observed " + Twine(i - before)))));
  for (DictionaryAttr &attribute : attributes)
    attribute = attribute ? attribute : builder.getDictionaryAttr({});
  function.setType(FunctionType::get(
      function.getContext(), block.getArgumentTypes(), end->getOperandTypes()));
  function.setAllResultAttrs(attributes);
  return llvm::Error::success();
}

llvm::Expected<std::shared_ptr<nncrun::Executable>>
mlir::nnc::compileHere(ModuleOp module) {
  llvm::Expected<TargetOptions> target = resolveTarget("host");
  if (!target)
    return target.takeError();
  target->prefix = "compiled_here";
  CompilerOptions options;
  options.target = target->machine;
  if (failed(runPhases(module, Phase::Import, Phase::LLVM, options)))
    return fail("the model could not be compiled to be run on data");
  auto jit = JITModel::create(module, *target);
  if (!jit)
    return jit.takeError();
  std::shared_ptr<JITModel> owner = std::move(*jit);
  unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  auto model = nncrun::CompiledModel::wrap(owner->tables(), owner,
                                           int(std::min(cores, 64u)));
  if (!model)
    return fail(model.error());
  return std::shared_ptr<nncrun::Executable>(*model);
}

llvm::Expected<Observer> Observer::create(ModuleOp module,
                                          ArrayRef<Value> values) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  func::FuncOp entry = findEntry(*copy);
  if (!entry)
    return fail("the module has no entry point");
  SmallVector<Value> copies;
  for (Value value : values)
    copies.push_back(mapping.lookupOrNull(value));
  if (llvm::is_contained(copies, Value()))
    return fail("a value to be observed is not of the module");
  Observer observer;
  observer.context = module.getContext();
  observer.ownResults = entry.getNumResults();
  if (llvm::Error error = addResults(entry, copies, observer.places))
    return std::move(error);
  auto executable = compileHere(*copy);
  if (!executable)
    return executable.takeError();
  observer.executable = std::move(*executable);
  return observer;
}

llvm::Error
Observer::run(const DataSet &data,
              function_ref<llvm::Error(size_t, const nncio::Tensor &)> visit) {
  for (const nncrun::SampleSet &set : data.sets) {
    auto visitBatch = [&](nncrun::BatchOutputs &given) -> nncio::Status {
      std::vector<std::optional<std::string>> problems(places.size());
      parallelFor(context, 0, places.size(), [&](size_t i) {
        if (llvm::Error error = visit(i, given.outputs[places[i]]))
          problems[i] = llvm::toString(std::move(error));
      });
      for (const std::optional<std::string> &problem : problems)
        if (problem)
          return nncio::Status::failure(*problem);
      return nncio::Success();
    };
    if (nncio::Status done = nncrun::visitBatches(*executable, set.inputs,
                                                  data.batch, visitBatch);
        !done)
      return fail(done.error());
  }
  return llvm::Error::success();
}

llvm::Expected<nncrun::Tensors> Observer::compute(const nncrun::SampleSet &set,
                                                  int64_t batch) {
  auto run = nncrun::runBatches(*executable, set.inputs, batch);
  if (!run)
    return fail(run.error());
  run->outputs.resize(ownResults);
  return std::move(run->outputs);
}

llvm::Error mlir::nnc::observe(
    ModuleOp module, ArrayRef<Value> values, const DataSet &data,
    function_ref<llvm::Error(size_t, const nncio::Tensor &)> visit) {
  llvm::Expected<Observer> observer = Observer::create(module, values);
  if (!observer)
    return observer.takeError();
  return observer->run(data, visit);
}
