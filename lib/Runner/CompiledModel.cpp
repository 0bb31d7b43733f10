//===----------------------------------------------------------------------===//
// A compiled model run through the C interface.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CompiledModel.h"

#include "nnc/Runner/Data.h"
#include "nnc/Runtime/nnc_weights.h"

#include <cstring>

using namespace nncrun;
using ModelResult = nncio::Result<std::shared_ptr<CompiledModel>>;

std::vector<std::string> nncrun::splitLines(const std::string &text) {
  std::vector<std::string> lines;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos)
      end = text.size();
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

ModelResult CompiledModel::create(nnc_model *model, std::shared_ptr<void> owner,
                                  int threads) {
  std::shared_ptr<CompiledModel> result(new CompiledModel());
  result->keep = std::move(owner);
  result->model = model;
  const nnc_signature *signature = nnc_model_signature(model, 0);
  if (!signature)
    return ModelResult::failure("the model has no entry point");
  result->description = convertSignature(*signature);
  nnc_context_options options = {};
  options.struct_size = sizeof(options);
  options.threads = threads;
  nnc_error error = {};
  if (nnc_context_create(model, &options, &result->context, &error) != NNC_OK)
    return ModelResult::failure(error.message);
  return result;
}

ModelResult CompiledModel::open(const std::string &path, int threads,
                                const std::string &variant,
                                const std::string &weightsPath) {
  // Without a slash the loader would search its own folders.
  std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  nnc_model *model = nullptr;
  nnc_error error = {};
  if (nnc_model_open_weights(
          file.c_str(), variant.empty() ? nullptr : variant.c_str(),
          weightsPath.empty() ? nullptr : weightsPath.c_str(), &model,
          &error) != NNC_OK)
    return ModelResult::failure(error.message);
  return create(model, nullptr, threads);
}

ModelResult CompiledModel::wrap(const nncrt_model *tables,
                                std::shared_ptr<void> owner, int threads) {
  nnc_model *model = nullptr;
  nnc_error error = {};
  if (nncrt_model_wrap(tables, &model, &error) != NNC_OK)
    return ModelResult::failure(error.message);
  return create(model, std::move(owner), threads);
}

std::string CompiledModel::infoText() const {
  return std::string("{\"version\":1,\"target\":") +
         jsonQuote(nnc_model_target(model)) +
         ",\"signature\":" + nnc_model_signature_json(model) + "}\n";
}

CompiledModel::~CompiledModel() {
  nnc_context_destroy(context);
  nnc_model_close(model);
}

/// Offsets and bytes, as the C interface has them.
static nncio::Tensor packStrings(const nncio::Tensor &tensor) {
  std::vector<int64_t> offsets{0};
  std::string text;
  for (const std::string &string : tensor.strings()) {
    text += string;
    offsets.push_back(static_cast<int64_t>(text.size()));
  }
  const size_t head = offsets.size() * sizeof(int64_t);
  nncio::Tensor packed(nncio::ElementType::U8,
                       {static_cast<int64_t>(head + text.size())});
  uint8_t *data = packed.mutableData();
  std::memcpy(data, offsets.data(), head);
  if (!text.empty())
    std::memcpy(data + head, text.data(), text.size());
  return packed;
}

/// The reverse, of a value that the C interface gives.
static nncio::Tensor unpackStrings(const nnc_value &value,
                                   std::vector<int64_t> shape) {
  const int64_t count = nncio::numElements(shape);
  const auto *offsets = static_cast<const int64_t *>(value.data);
  const auto *text = reinterpret_cast<const char *>(offsets + count + 1);
  std::vector<std::string> strings;
  for (int64_t i = 0; i < count; ++i)
    strings.emplace_back(text + offsets[i], text + offsets[i + 1]);
  return nncio::Tensor::fromStrings(std::move(shape), std::move(strings));
}

static nnc_value makeValue(const nncio::Tensor &tensor,
                           std::vector<nnc_value> &elements,
                           std::vector<nncio::Tensor> &packed) {
  nnc_value value = {};
  if (tensor.isAbsent())
    return value;
  if (tensor.isSequence()) {
    std::vector<nnc_value> none;
    for (const nncio::Tensor &element : tensor.elements())
      elements.push_back(makeValue(element, none, packed));
    value.kind = NNC_SEQUENCE;
    value.type = static_cast<nnc_type>(tensor.type());
    value.rank = 1;
    value.dims[0] = static_cast<int64_t>(elements.size());
    value.data = elements.data();
    value.bytes = elements.size() * sizeof(nnc_value);
    return value;
  }
  value.kind = NNC_TENSOR;
  value.type = static_cast<nnc_type>(tensor.type());
  value.rank = static_cast<int32_t>(tensor.rank());
  for (int64_t axis = 0; axis < tensor.rank(); ++axis)
    value.dims[axis] = tensor.shape()[static_cast<size_t>(axis)];
  const bool isText = tensor.type() == nncio::ElementType::String;
  if (isText)
    packed.push_back(packStrings(tensor));
  const nncio::Tensor &data = isText ? packed.back() : tensor;
  value.data = const_cast<uint8_t *>(data.data());
  value.bytes = data.bytes();
  return value;
}

/// Makes the elements of the C interface: aligned, of a rank that it can tell.
static std::string prepare(nncio::Tensor &tensor) {
  if (tensor.isAbsent())
    return "";
  if (tensor.isSequence()) {
    std::vector<nncio::Tensor> elements = tensor.elements();
    for (nncio::Tensor &element : elements)
      if (std::string problem = prepare(element); !problem.empty())
        return problem;
    tensor = nncio::Tensor::fromElements(tensor.type(), std::move(elements));
    return "";
  }
  if (tensor.rank() > NNC_MAX_RANK)
    return "an input has rank " + std::to_string(tensor.rank()) +
           ", but at most " + std::to_string(NNC_MAX_RANK) + " is supported";
  const size_t width = nncio::elementBytes(tensor.type());
  if (width && reinterpret_cast<uintptr_t>(tensor.data()) % width) {
    nncio::Tensor copy(tensor.type(), tensor.shape());
    std::memcpy(copy.mutableData(), tensor.data(), tensor.bytes());
    tensor = std::move(copy);
  }
  return "";
}

nncio::Result<InputViews> nncrun::viewInputs(Tensors &inputs) {
  InputViews views;
  for (nncio::Tensor &tensor : inputs) {
    std::string problem = prepare(tensor);
    if (!problem.empty())
      return nncio::Result<InputViews>::failure(problem);
    views.values.push_back(
        makeValue(tensor, views.elements.emplace_back(), views.packed));
  }
  return views;
}

/// A copy of what the C interface gives.
static nncio::Result<nncio::Tensor> copyValue(const nnc_value &value) {
  using Out = nncio::Result<nncio::Tensor>;
  if (value.kind == NNC_ABSENT)
    return nncio::Tensor::absent();
  const auto type = static_cast<nncio::ElementType>(value.type);
  if (value.kind == NNC_SEQUENCE) {
    std::vector<nncio::Tensor> elements;
    const auto *values = static_cast<const nnc_value *>(value.data);
    for (int64_t i = 0; i < value.dims[0]; ++i) {
      Out element = copyValue(values[i]);
      if (!element)
        return element;
      elements.push_back(std::move(*element));
    }
    return nncio::Tensor::fromElements(type, std::move(elements));
  }
  std::vector<int64_t> shape(value.dims, value.dims + value.rank);
  if (nncio::numElements(shape) < 0)
    return Out::failure("an output has an invalid shape " + shapeText(shape));
  if (type == nncio::ElementType::String)
    return unpackStrings(value, std::move(shape));
  nncio::Tensor tensor(type, std::move(shape));
  if (tensor.bytes())
    std::memcpy(tensor.mutableData(), value.data, tensor.bytes());
  return tensor;
}

nncio::Result<Tensors> CompiledModel::run(const Tensors &inputs) {
  using Out = nncio::Result<Tensors>;
  Tensors aligned = inputs;
  nncio::Result<InputViews> in = viewInputs(aligned);
  if (!in)
    return Out::failure(in.error());
  std::vector<nnc_value> out(description.outputs.size());
  nnc_error error = {};
  if (nnc_context_run(context, 0, in->values.data(), in->values.size(),
                      out.data(), out.size(), &error) != NNC_OK)
    return Out::failure(error.message);
  Tensors results;
  for (const nnc_value &value : out) {
    nncio::Result<nncio::Tensor> tensor = copyValue(value);
    if (!tensor)
      return Out::failure(tensor.error());
    results.push_back(std::move(*tensor));
  }
  return results;
}

static void recordEvent(void *data, const nnc_profile_event *event) {
  KernelEvent copy;
  copy.name = event->kernel ? event->kernel : "";
  copy.nodes = splitLines(event->nodes ? event->nodes : "");
  copy.beginNs = event->begin_ns;
  copy.endNs = event->end_ns;
  copy.predictedUs = event->predicted_us;
  copy.flops = event->flops;
  copy.bytes = event->bytes;
  static_cast<std::vector<KernelEvent> *>(data)->push_back(std::move(copy));
}

void CompiledModel::setProfile(std::vector<KernelEvent> *events) {
  nnc_context_set_profile(context, events ? recordEvent : nullptr, events);
}

int64_t CompiledModel::workspaceBytes() const {
  return static_cast<int64_t>(nnc_context_bytes(context));
}
