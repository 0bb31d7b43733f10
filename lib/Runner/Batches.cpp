//===----------------------------------------------------------------------===//
// Runs a model over samples.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Batches.h"

#include "nnc/Runner/Data.h"
#include "nnc/Runner/NameAdvice.h"

#include <algorithm>
#include <chrono>
#include <cstring>

using namespace nncrun;
using SamplesResult = nncio::Result<std::vector<SampleSet>>;

static SamplesResult loadFolder(const std::string &folder,
                                const Signature &signature) {
  nncio::Result<std::vector<nncio::TestDataSet>> sets =
      nncio::listTestDataSets(folder);
  if (!sets)
    return SamplesResult::failure(sets.error());
  std::vector<SampleSet> samples;
  for (const nncio::TestDataSet &set : *sets) {
    SampleSet one;
    nncio::Result<Tensors> inputs = loadDataFiles(set.inputs, signature.inputs);
    if (!inputs)
      return SamplesResult::failure("'" + set.folder + "': " + inputs.error());
    one.inputs = std::move(*inputs);
    for (size_t i = 0; i < one.inputs.size(); ++i)
      adaptScalar(signature.inputs[i], one.inputs[i]);
    if (!set.outputs.empty()) {
      nncio::Result<Tensors> outputs =
          loadDataFiles(set.outputs, signature.outputs);
      if (!outputs)
        return SamplesResult::failure("'" + set.folder +
                                      "': " + outputs.error());
      one.expected = std::move(*outputs);
    }
    samples.push_back(std::move(one));
  }
  return samples;
}

SamplesResult nncrun::loadSamples(const std::vector<std::string> &specs,
                                  const Signature &signature) {
  if (specs.size() == 1 && specs[0].find("=@") == std::string::npos)
    return loadFolder(specs[0], signature);
  SampleSet set;
  std::vector<bool> given(signature.inputs.size());
  set.inputs.resize(signature.inputs.size());
  for (const std::string &text : specs) {
    nncio::Result<nncio::Binding> binding = nncio::parseBinding(text);
    if (!binding)
      return SamplesResult::failure(binding.error());
    const int index = signature.findInput(binding->name);
    if (index < 0) {
      std::vector<std::string> names;
      for (const ValueInfo &info : signature.inputs)
        names.push_back(info.name);
      return SamplesResult::failure("the model has no input '" + binding->name +
                                    "'" + adviseName(binding->name, names));
    }
    nncio::Result<nncio::Tensor> tensor = nncio::loadTensorFile(binding->file);
    if (!tensor)
      return SamplesResult::failure(tensor.error());
    set.inputs[static_cast<size_t>(index)] = std::move(*tensor);
    given[static_cast<size_t>(index)] = true;
  }
  for (size_t i = 0; i < given.size(); ++i)
    if (!given[i])
      return SamplesResult::failure("there is no data for input " +
                                    signature.inputs[i].text());
  return std::vector<SampleSet>{std::move(set)};
}

/// Rows [from, from + count) of the first axis; rows behind the end repeat the
/// last one.
static nncio::Tensor takeRows(const nncio::Tensor &tensor, int64_t from,
                              int64_t count) {
  std::vector<int64_t> shape = tensor.shape();
  const int64_t rows = shape[0];
  shape[0] = count;
  nncio::Tensor result(tensor.type(), std::move(shape));
  const size_t width = rows ? tensor.bytes() / static_cast<size_t>(rows) : 0;
  uint8_t *out = result.mutableData();
  for (int64_t i = 0; width && i < count; ++i) {
    const int64_t row = std::min(from + i, rows - 1);
    std::memcpy(out + static_cast<size_t>(i) * width,
                tensor.data() + static_cast<size_t>(row) * width, width);
  }
  return result;
}

/// All parts, one after the other along the first axis. The shapes must agree
/// otherwise.
static nncio::Result<nncio::Tensor> joinRows(const Tensors &parts) {
  using Out = nncio::Result<nncio::Tensor>;
  if (parts.size() == 1 || parts[0].rank() == 0)
    return parts[0];
  std::vector<int64_t> shape = parts[0].shape();
  shape[0] = 0;
  for (const nncio::Tensor &part : parts) {
    std::vector<int64_t> other = part.shape();
    if (other.size() != shape.size() ||
        !std::equal(other.begin() + 1, other.end(), shape.begin() + 1))
      return Out::failure("outputs of two batches can not be joined: " +
                          shapeText(parts[0].shape()) + " and " +
                          shapeText(other));
    shape[0] += other[0];
  }
  nncio::Tensor result(parts[0].type(), std::move(shape));
  uint8_t *out = result.mutableData();
  for (const nncio::Tensor &part : parts) {
    if (part.bytes())
      std::memcpy(out, part.data(), part.bytes());
    out += part.bytes();
  }
  return result;
}

namespace {
/// How inputs are split.
struct Split {
  int64_t samples = 1;
  int64_t batch = 1;
  std::vector<bool> perSample;
};
} // namespace

static nncio::Result<Split> planSplit(const Signature &signature,
                                      const Tensors &inputs, int64_t limit) {
  using Out = nncio::Result<Split>;
  Split split;
  split.perSample.resize(inputs.size());
  if (inputs.size() != signature.inputs.size() || inputs.empty() ||
      inputs[0].rank() == 0)
    return split;
  split.samples = inputs[0].shape()[0];
  split.batch = std::min(limit, split.samples);
  std::string fixedBy;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueInfo &info = signature.inputs[i];
    if (inputs[i].rank() == 0 || info.dims.empty() ||
        inputs[i].shape()[0] != split.samples)
      continue;
    split.perSample[i] = true;
    if (info.dims[0] < 0)
      continue;
    if (!fixedBy.empty() && split.batch != info.dims[0])
      return Out::failure("inputs '" + fixedBy + "' and '" + info.name +
                          "' take batches of different sizes");
    split.batch = info.dims[0];
    fixedBy = info.name;
  }
  if (split.samples == 0 || split.batch <= 0)
    return Out::failure("there are no samples");
  return split;
}

nncio::Status nncrun::visitBatches(Executable &executable,
                                   const Tensors &inputs, int64_t limit,
                                   const BatchVisitor &visit) {
  using Out = nncio::Status;
  nncio::Result<Split> split = planSplit(executable.signature(), inputs, limit);
  if (!split)
    return Out::failure(split.error());
  for (int64_t from = 0; from < split->samples; from += split->batch) {
    const int64_t valid = std::min(split->batch, split->samples - from);
    // A free batch just ends with a smaller one.
    int64_t size = valid;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (split->perSample[i] && executable.signature().inputs[i].dims[0] >= 0)
        size = split->batch;
    Tensors batch;
    for (size_t i = 0; i < inputs.size(); ++i)
      batch.push_back(split->perSample[i] ? takeRows(inputs[i], from, size)
                                          : inputs[i]);
    const auto begin = std::chrono::steady_clock::now();
    nncio::Result<Tensors> outputs = executable.run(batch);
    const auto end = std::chrono::steady_clock::now();
    if (!outputs)
      return Out::failure(outputs.error());
    BatchOutputs given;
    given.batch = split->batch;
    given.milliseconds =
        std::chrono::duration<double, std::milli>(end - begin).count();
    for (nncio::Tensor &output : *outputs) {
      if (valid < size && output.rank() && output.shape()[0] % size == 0)
        output = takeRows(output, 0, output.shape()[0] / size * valid);
      given.outputs.push_back(std::move(output));
    }
    if (nncio::Status visited = visit(given); !visited)
      return visited;
  }
  return nncio::Success();
}

nncio::Result<BatchRun> nncrun::runBatches(Executable &executable,
                                           const Tensors &inputs,
                                           int64_t limit) {
  using Out = nncio::Result<BatchRun>;
  BatchRun result;
  std::vector<Tensors> parts(executable.signature().outputs.size());
  nncio::Status done = visitBatches(
      executable, inputs, limit, [&](BatchOutputs &given) -> nncio::Status {
        result.batch = given.batch;
        result.milliseconds.push_back(given.milliseconds);
        for (size_t i = 0; i < parts.size(); ++i)
          parts[i].push_back(std::move(given.outputs[i]));
        return nncio::Success();
      });
  if (!done)
    return Out::failure(done.error());
  for (const Tensors &list : parts) {
    nncio::Result<nncio::Tensor> joined = joinRows(list);
    if (!joined)
      return Out::failure(joined.error());
    result.outputs.push_back(std::move(*joined));
  }
  return result;
}

double nncrun::median(std::vector<double> values) {
  if (values.empty())
    return 0;
  const size_t middle = values.size() / 2;
  std::nth_element(values.begin(),
                   values.begin() + static_cast<ptrdiff_t>(middle),
                   values.end());
  if (values.size() % 2)
    return values[middle];
  const double low = *std::max_element(
      values.begin(), values.begin() + static_cast<ptrdiff_t>(middle));
  return (low + values[middle]) / 2;
}
