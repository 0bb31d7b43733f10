//===----------------------------------------------------------------------===//
// Inputs of a run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/TensorProto.h"
#include "nnc/Runner/CommandLine.h"
#include "nnc/Runner/Data.h"
#include "nnc/Runner/NameAdvice.h"

#include <set>

using namespace nncrun;

/// Splitmix64: small, portable, good enough for test data.
static uint64_t nextRandom(uint64_t &state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Few different ones, so that some are equal and some are empty.
static nncio::Tensor makeRandomStrings(std::vector<int64_t> shape,
                                       int64_t count, uint64_t state) {
  std::vector<std::string> strings;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t bits = nextRandom(state) >> 61;
    strings.push_back(bits ? "s" + std::to_string(bits) : std::string());
  }
  return nncio::Tensor::fromStrings(std::move(shape), std::move(strings));
}

nncio::Tensor nncrun::makeRandom(const ValueInfo &info, uint64_t seed) {
  if (info.isSequence) {
    ValueInfo element = info;
    element.isSequence = false;
    std::vector<nncio::Tensor> elements;
    if (!info.anyRank)
      elements.push_back(makeRandom(element, seed));
    return nncio::Tensor::fromElements(info.type, std::move(elements));
  }
  std::vector<int64_t> shape = info.dims;
  for (int64_t &dim : shape)
    dim = dim < 0 ? 1 : dim;
  // An own sequence for each input, whatever the others are.
  uint64_t state = seed;
  for (char c : info.name)
    state = (state ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  nncio::Tensor tensor(info.type, std::move(shape));
  if (info.type == nncio::ElementType::String)
    return makeRandomStrings(tensor.shape(), tensor.size(), state);
  const bool isFloat = nncio::isFloat(info.type);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const uint64_t bits = nextRandom(state);
    if (isFloat)
      tensor.setDouble(i, double(bits >> 11) * 0x1p-52 - 1.0);
    else
      tensor.setInt(i, static_cast<int64_t>(bits >> 63));
  }
  return tensor;
}

nncio::Result<Tensors>
nncrun::loadDataFiles(const std::vector<std::string> &files,
                      const std::vector<ValueInfo> &infos) {
  using Out = nncio::Result<Tensors>;
  if (files.size() != infos.size())
    return Out::failure("expected " + std::to_string(infos.size()) +
                        " files, but found " + std::to_string(files.size()));
  std::vector<nncio::NamedTensor> loaded;
  std::set<std::string> names;
  for (const std::string &file : files) {
    // Files of one kind alone need not tell which input they are for.
    const ValueInfo &info = infos[loaded.size()];
    nncio::Result<nncio::NamedTensor> tensor =
        nncio::readValueProto(file, {info.isSequence, info.isOptional});
    if (!tensor)
      return Out::failure(tensor.error());
    names.insert(tensor->name);
    loaded.push_back(std::move(*tensor));
  }
  bool byName = names.size() == infos.size();
  for (const ValueInfo &info : infos)
    byName &= names.count(info.name) == 1;
  Tensors ordered;
  for (size_t i = 0; i < infos.size(); ++i) {
    size_t from = i;
    for (size_t j = 0; byName && j < loaded.size(); ++j)
      if (loaded[j].name == infos[i].name)
        from = j;
    ordered.push_back(loaded[from].tensor);
  }
  return ordered;
}

/// NumPy has no types of a byte or less but integers and bool: for an input of
/// another such type ui8 holds the codes.
static nncio::Tensor restoreCodes(nncio::Tensor tensor,
                                  nncio::ElementType type) {
  const bool isNarrow =
      type != nncio::ElementType::String &&
      (nncio::isNarrowFloat(type) || nncio::elementBits(type) < 8);
  if (!isNarrow || tensor.type() != nncio::ElementType::U8)
    return tensor;
  auto codes = std::make_shared<nncio::Tensor>(std::move(tensor));
  return nncio::Tensor(type, codes->shape(), codes->data(), codes);
}

static int loadBindings(const Signature &signature,
                        const std::vector<std::string> &bindings,
                        std::vector<std::optional<nncio::Tensor>> &found) {
  std::vector<std::string> names;
  for (const ValueInfo &info : signature.inputs)
    names.push_back(info.name);
  for (const std::string &text : bindings) {
    nncio::Result<nncio::Binding> binding = nncio::parseBinding(text);
    if (!binding)
      return reportError("--input: " + binding.error(), ExitUsage);
    const int index = signature.findInput(binding->name);
    if (index < 0) {
      return reportError("the model has no input '" + binding->name + "'" +
                             adviseName(binding->name, names),
                         ExitUsage);
    }
    const ValueInfo &info = signature.inputs[static_cast<size_t>(index)];
    nncio::Result<nncio::Tensor> tensor = nncio::loadTensorFile(
        binding->file, {info.isSequence, info.isOptional});
    if (!tensor)
      return reportError("input '" + binding->name + "': " + tensor.error(),
                         ExitInput);
    found[static_cast<size_t>(index)] = std::move(*tensor);
  }
  return ExitDone;
}

static int loadFolder(const Signature &signature, const std::string &folder,
                      std::vector<std::optional<nncio::Tensor>> &found) {
  nncio::Result<std::vector<nncio::TestDataSet>> sets =
      nncio::listTestDataSets(folder);
  // A folder may hold the model alone.
  if (!sets)
    return ExitDone;
  nncio::Result<Tensors> tensors =
      loadDataFiles(sets->front().inputs, signature.inputs);
  if (!tensors)
    return reportError("'" + sets->front().folder + "': " + tensors.error(),
                       ExitInput);
  for (size_t i = 0; i < found.size(); ++i)
    if (!found[i])
      found[i] = (*tensors)[i];
  return ExitDone;
}

void nncrun::adaptScalar(const ValueInfo &info, nncio::Tensor &tensor) {
  if (info.dims.empty() && !info.isSequence && !info.isOptional &&
      !tensor.isSequence() && !tensor.isAbsent() && tensor.size() == 1 &&
      tensor.rank() > 0)
    tensor = tensor.reshaped({});
}

/// `info` with the symbolic dimensions that `dims` knows.
static ValueInfo withSizes(ValueInfo info,
                           const std::map<std::string, int64_t> &dims) {
  for (size_t axis = 0; axis < info.dimNames.size(); ++axis) {
    auto size = dims.find(info.dimNames[axis]);
    if (axis < info.dims.size() && info.dims[axis] < 0 && size != dims.end())
      info.dims[axis] = size->second;
  }
  return info;
}

int nncrun::gatherInputs(const Signature &signature,
                         const InputRequest &request, Tensors &inputs) {
  std::vector<std::optional<nncio::Tensor>> found(signature.inputs.size());
  if (int code = loadBindings(signature, request.bindings, found))
    return code;
  bool complete = true;
  for (const auto &tensor : found)
    complete &= tensor.has_value();
  if (!complete && !request.folder.empty())
    if (int code = loadFolder(signature, request.folder, found))
      return code;
  std::string absent;
  for (size_t i = 0; i < found.size(); ++i) {
    const ValueInfo &info = signature.inputs[i];
    if (!found[i] && request.seed)
      found[i] = makeRandom(withSizes(info, request.dims), *request.seed);
    if (found[i])
      adaptScalar(info, *found[i]);
    if (found[i])
      inputs.push_back(restoreCodes(std::move(*found[i]), info.type));
    else
      absent += "\n  --input '" + info.name + "=@FILE' for " + info.text();
  }
  if (!absent.empty())
    return reportError("these inputs are absent; give them, or --random-seed:" +
                           absent,
                       ExitUsage);
  const std::string problem = checkInputs(signature, inputs);
  if (!problem.empty())
    return reportError(problem, ExitInput);
  return ExitDone;
}
