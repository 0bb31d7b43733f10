//===----------------------------------------------------------------------===//
// What a model takes and gives.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Signature.h"

#include <map>

using namespace nncrun;

std::string ValueInfo::text() const {
  std::string result = name + ": " + nncio::elementName(type) + "[";
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

std::string nncrun::checkInputs(const Signature &signature,
                                const std::vector<nncio::Tensor> &inputs) {
  if (inputs.size() != signature.inputs.size())
    return "expected " + std::to_string(signature.inputs.size()) +
           " inputs, but found " + std::to_string(inputs.size());
  std::map<std::string, std::pair<int64_t, std::string>> named;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const ValueInfo &info = signature.inputs[i];
    const nncio::Tensor &tensor = inputs[i];
    const std::string found = std::string(nncio::elementName(tensor.type())) +
                              shapeText(tensor.shape());
    bool fits =
        tensor.type() == info.type && tensor.shape().size() == info.dims.size();
    for (size_t axis = 0; fits && axis < info.dims.size(); ++axis)
      fits = info.dims[axis] < 0 || info.dims[axis] == tensor.shape()[axis];
    if (!fits)
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
