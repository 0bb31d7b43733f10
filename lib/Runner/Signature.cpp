//===----------------------------------------------------------------------===//
// What a model takes and gives.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Signature.h"

#include <map>

using namespace nncrun;

std::string ValueInfo::text() const {
  std::string result = name + ": " + (isOptional ? "optional " : "") +
                       (isSequence ? "sequence of " : "") +
                       nncio::elementName(type) + "[";
  if (anyRank)
    return result + "...]";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i)
      result += ",";
    bool named = i < dimNames.size() && !dimNames[i].empty();
    result += dims[i] >= 0 ? std::to_string(dims[i])
                           : (named ? dimNames[i] : std::string("?"));
  }
  return result + "]";
}

static int findValue(const std::vector<ValueInfo> &values,
                     const std::string &name) {
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].name == name)
      return static_cast<int>(i);
  return -1;
}

int Signature::findInput(const std::string &name) const {
  return findValue(inputs, name);
}

int Signature::findOutput(const std::string &name) const {
  return findValue(outputs, name);
}

std::string nncrun::shapeText(const std::vector<int64_t> &dims) {
  std::string result = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i)
      result += ",";
    result += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return result + "]";
}

/// Does one tensor fit what `info` says of it?
static bool fits(const ValueInfo &info, const nncio::Tensor &tensor) {
  if (tensor.type() != info.type)
    return false;
  if (info.anyRank)
    return true;
  bool same = tensor.shape().size() == info.dims.size();
  for (size_t axis = 0; same && axis < info.dims.size(); ++axis)
    same = info.dims[axis] < 0 || info.dims[axis] == tensor.shape()[axis];
  return same;
}

/// Why a value that is not a plain tensor does not fit; empty if it does.
static std::string checkOther(const ValueInfo &info,
                              const nncio::Tensor &value) {
  const std::string expected = "input '" + info.name + "': expected " +
                               info.text().substr(info.name.size() + 2);
  if (value.isAbsent())
    return info.isOptional ? "" : expected + ", but found none";
  if (value.isSequence() != info.isSequence)
    return expected + ", but found " +
           (value.isSequence() ? "a sequence" : "a tensor");
  for (const nncio::Tensor &element : value.elements())
    if (!fits(info, element))
      return expected + ", but found an element " +
             nncio::elementName(element.type()) + shapeText(element.shape());
  return "";
}

std::string nncrun::checkInputs(const Signature &signature,
                                const std::vector<nncio::Tensor> &inputs) {
  if (inputs.size() != signature.inputs.size())
    return "expected " + std::to_string(signature.inputs.size()) +
           " inputs, but found " + std::to_string(inputs.size());
  std::map<std::string, std::pair<int64_t, std::string>> named;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueInfo &info = signature.inputs[i];
    const nncio::Tensor &tensor = inputs[i];
    if (info.isSequence || tensor.isSequence() || tensor.isAbsent()) {
      std::string problem = checkOther(info, tensor);
      if (!problem.empty())
        return problem;
      continue;
    }
    const std::string found = std::string(nncio::elementName(tensor.type())) +
                              shapeText(tensor.shape());
    if (!fits(info, tensor))
      return "input '" + info.name + "': expected " +
             info.text().substr(info.name.size() + 2) + ", but found " + found;
    for (size_t axis = 0; axis < info.dimNames.size(); ++axis) {
      if (info.dimNames[axis].empty() || axis >= info.dims.size())
        continue;
      const int64_t size = tensor.shape()[axis];
      auto [entry, isNew] =
          named.insert({info.dimNames[axis], std::make_pair(size, info.name)});
      if (!isNew && entry->second.first != size)
        return "dimension '" + info.dimNames[axis] + "' is " +
               std::to_string(entry->second.first) + " in input '" +
               entry->second.second + "', but " + std::to_string(size) +
               " in input '" + info.name + "'";
    }
  }
  return "";
}

static ValueInfo convertInfo(const nnc_value_info &info) {
  ValueInfo result;
  result.name = info.name ? info.name : "";
  result.type = static_cast<nncio::ElementType>(info.type);
  result.isSequence = info.kind == NNC_SEQUENCE;
  result.isOptional = info.optional;
  result.anyRank = info.rank < 0;
  for (int32_t axis = 0; axis < info.rank; ++axis) {
    result.dims.push_back(info.dims[axis]);
    const char *name = info.dim_names ? info.dim_names[axis] : nullptr;
    result.dimNames.push_back(name ? name : "");
  }
  return result;
}

Signature nncrun::convertSignature(const nnc_signature &signature) {
  Signature result;
  result.name = signature.name ? signature.name : "";
  for (size_t i = 0; i < signature.num_inputs; ++i)
    result.inputs.push_back(convertInfo(signature.inputs[i]));
  for (size_t i = 0; i < signature.num_outputs; ++i)
    result.outputs.push_back(convertInfo(signature.outputs[i]));
  return result;
}
