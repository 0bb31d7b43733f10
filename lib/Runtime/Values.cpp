//===----------------------------------------------------------------------===//
// Checks of the values that a caller gives against the signature.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <stdio.h>

using namespace nncrt;

namespace {
/// "[1,3,N,?]" for messages; too long ones are cut.
struct DimsText {
  char text[160];

  DimsText(int32_t rank, const int64_t *dims, const char *const *names) {
    size_t used = 0;
    append(used, "[");
    for (int32_t i = 0; i < rank; ++i) {
      if (i)
        append(used, ",");
      if (dims[i] < 0 && names)
        append(used, names[i] ? names[i] : "?");
      else
        appendNumber(used, dims[i]);
    }
    append(used, "]");
  }

  void append(size_t &used, const char *part) {
    int wrote = snprintf(text + used, sizeof text - used, "%s", part);
    advance(used, wrote);
  }
  void appendNumber(size_t &used, int64_t number) {
    int wrote = snprintf(text + used, sizeof text - used, "%lld",
                         static_cast<long long>(number));
    advance(used, wrote);
  }
  void advance(size_t &used, int wrote) {
    used += static_cast<size_t>(wrote);
    if (used >= sizeof text)
      used = sizeof text - 1;
  }
};
} // namespace

static const char *typeName(int32_t type) {
  static constexpr const char *names[] = {
      "undefined", "f32", "ui8", "i8",   "ui16", "i16", "i32",  "i64", "string",
      "bool",      "f16", "f64", "ui32", "ui64", "c64", "c128", "bf16"};
  auto index = static_cast<uint32_t>(type);
  return index < sizeof names / sizeof *names ? names[index] : "unknown";
}

bool nncrt::tensorBytes(nnc_type type, int32_t rank, const int64_t *dims,
                        int64_t &bytes) {
  bytes = type == NNC_STRING ? int64_t(sizeof(int64_t))
                             : static_cast<int64_t>(nnc_type_bytes(type));
  bool isEmpty = false;
  for (int32_t i = 0; i < rank; ++i) {
    if (dims[i] < 0)
      return false;
    isEmpty |= dims[i] == 0;
  }
  if (isEmpty) {
    bytes = 0;
    return true;
  }
  for (int32_t i = 0; i < rank; ++i)
    if (__builtin_mul_overflow(bytes, dims[i], &bytes))
      return false;
  return true;
}

int64_t nncrt::valueBytes(const nnc_value &value) {
  int64_t bytes = 0;
  if (value.kind == NNC_TENSOR && value.type == NNC_STRING)
    return value.data ? static_cast<int64_t>(value.bytes) : 0;
  if (value.kind != NNC_TENSOR ||
      !tensorBytes(value.type, value.rank, value.dims, bytes))
    return 0;
  return bytes;
}

static nnc_status checkShape(const nnc_value_info &info, const nnc_value &value,
                             nnc_error *error) {
  if (info.rank < 0 && value.rank >= 0 && value.rank <= NNC_MAX_RANK)
    return NNC_OK;
  if (value.rank != info.rank)
    return report(error, NNC_SHAPE_MISMATCH,
                  "input '%s': expects rank %d but got %d", info.name,
                  info.rank, value.rank);
  bool fits = true;
  for (int32_t axis = 0; axis < info.rank; ++axis)
    fits &= value.dims[axis] >= 0 &&
            (info.dims[axis] < 0 || info.dims[axis] == value.dims[axis]);
  if (fits)
    return NNC_OK;
  static constexpr const char *unnamed[NNC_MAX_RANK] = {};
  DimsText expected(info.rank, info.dims,
                    info.dim_names ? info.dim_names : unnamed);
  DimsText got(value.rank, value.dims, nullptr);
  return report(error, NNC_SHAPE_MISMATCH,
                "input '%s': expects dims %s but got %s", info.name,
                expected.text, got.text);
}

static nnc_status checkData(const nnc_value_info &info, const nnc_value &value,
                            bool isQuery, nnc_error *error) {
  int64_t bytes;
  if (!tensorBytes(value.type, value.rank, value.dims, bytes)) {
    DimsText dims(value.rank, value.dims, nullptr);
    return report(error, NNC_SHAPE_MISMATCH,
                  "input '%s': dims %s have more bytes than can be counted",
                  info.name, dims.text);
  }
  if (bytes == 0 || (isQuery && !value.data))
    return NNC_OK;
  if (value.type == NNC_STRING && value.data)
    return checkStrings(info, value, bytes / int64_t(sizeof(int64_t)), error);
  if (!value.data)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects data of %lld bytes but got a null "
                  "pointer",
                  info.name, static_cast<long long>(bytes));
  if (value.bytes < static_cast<uint64_t>(bytes))
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': its dims need %lld bytes but 'bytes' is %zu",
                  info.name, static_cast<long long>(bytes), value.bytes);
  size_t alignment = nnc_type_bytes(value.type);
  if (reinterpret_cast<uintptr_t>(value.data) % alignment)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects data aligned to its element of %zu "
                  "bytes but got the address %p",
                  info.name, alignment, value.data);
  return NNC_OK;
}

/// Kind, type and shape of a tensor.
static nnc_status checkTensor(const nnc_value_info &info,
                              const nnc_value &value, nnc_error *error) {
  if (rawValue(value.kind) != NNC_TENSOR)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects a tensor value but got kind %d",
                  info.name, rawValue(value.kind));
  if (rawValue(value.type) != info.type)
    return report(error, NNC_TYPE_MISMATCH,
                  "input '%s': expects element type %s but got %s", info.name,
                  typeName(info.type), typeName(rawValue(value.type)));
  return checkShape(info, value, error);
}

/// Kind, types and shapes.
static nnc_status checkInput(const nnc_value_info &info, const nnc_value &value,
                             nnc_error *error) {
  if (rawValue(value.kind) == NNC_ABSENT &&
      (info.optional || info.kind == NNC_ABSENT))
    return NNC_OK;
  if (info.kind == NNC_ABSENT)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects an absent value but got kind %d",
                  info.name, rawValue(value.kind));
  if (info.kind == NNC_TENSOR)
    return checkTensor(info, value, error);
  if (rawValue(value.kind) != NNC_SEQUENCE)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects a sequence but got kind %d", info.name,
                  rawValue(value.kind));
  if (value.dims[0] < 0 || (value.dims[0] > 0 && !value.data) ||
      static_cast<uint64_t>(value.dims[0]) > SIZE_MAX / sizeof(nnc_value))
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects a sequence with its number of elements "
                  "in dims[0] and data that points to them, but got %lld",
                  info.name, static_cast<long long>(value.dims[0]));
  auto *elements = static_cast<const nnc_value *>(value.data);
  for (int64_t i = 0; i < value.dims[0]; ++i)
    if (nnc_status status = checkTensor(info, elements[i], error))
      return status;
  return NNC_OK;
}

/// What checkData does, of each tensor of a value.
static nnc_status checkAllData(const nnc_value_info &info,
                               const nnc_value &value, bool isQuery,
                               nnc_error *error) {
  if (value.kind == NNC_ABSENT)
    return NNC_OK;
  if (value.kind == NNC_TENSOR)
    return checkData(info, value, isQuery, error);
  auto *elements = static_cast<const nnc_value *>(value.data);
  for (int64_t i = 0; i < value.dims[0]; ++i)
    if (nnc_status status = checkData(info, elements[i], isQuery, error))
      return status;
  return NNC_OK;
}

/// Have dimensions of the same name the same value?
static nnc_status checkNames(const nnc_signature &signature,
                             const EntryState &state, const nnc_value *inputs,
                             nnc_error *error) {
  int32_t position = 0;
  for (size_t i = 0; i < signature.num_inputs; ++i) {
    const nnc_value_info &info = signature.inputs[i];
    for (int32_t axis = 0; axis < countAxes(info); ++axis, ++position) {
      int32_t rest = state.sameAs[position];
      if (rest == position)
        continue;
      size_t first = 0;
      for (; rest >= countAxes(signature.inputs[first]); ++first)
        rest -= countAxes(signature.inputs[first]);
      const nnc_value_info &other = signature.inputs[first];
      if (inputs[i].kind != NNC_TENSOR || inputs[first].kind != NNC_TENSOR ||
          inputs[i].dims[axis] == inputs[first].dims[rest])
        continue;
      return report(
          error, NNC_SHAPE_MISMATCH,
          "dim '%s' must be the same everywhere, but is %lld in "
          "input '%s' (axis %d) and %lld in input '%s' (axis %d)",
          info.dim_names[axis],
          static_cast<long long>(inputs[first].dims[rest]), other.name, rest,
          static_cast<long long>(inputs[i].dims[axis]), info.name, axis);
    }
  }
  return NNC_OK;
}

nnc_status nncrt::checkInputs(const nnc_signature &signature,
                              const EntryState &state, const nnc_value *inputs,
                              size_t count, bool isQuery, nnc_error *error) {
  if (count != signature.num_inputs)
    return report(error, NNC_INVALID_ARGUMENT,
                  "entry '%s': expects %zu inputs but got %zu", signature.name,
                  signature.num_inputs, count);
  if (count && !inputs)
    return report(error, NNC_INVALID_ARGUMENT,
                  "entry '%s': inputs are a null pointer", signature.name);
  // Shapes of all inputs first: bytes that are too few for a wrong shape are
  // the lesser news.
  for (size_t i = 0; i < count; ++i)
    if (nnc_status status = checkInput(signature.inputs[i], inputs[i], error))
      return status;
  if (nnc_status status = checkNames(signature, state, inputs, error))
    return status;
  for (size_t i = 0; i < count; ++i)
    if (nnc_status status =
            checkAllData(signature.inputs[i], inputs[i], isQuery, error))
      return status;
  return NNC_OK;
}
