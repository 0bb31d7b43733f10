//===----------------------------------------------------------------------===//
// A thin C++17 wrapper of nnc.h: ownership and views, no exceptions thrown, no
// library of its own.
//
//   nnc::Model model;
//   if (nnc::Status status = nnc::Model::open("m.so", model); !status)
//     fprintf(stderr, "%s\n", status.message());
//   nnc::Context context;
//   status = nnc::Context::create(model, context);
//   nnc_value x = nnc::tensor(data, {1, 3, 224, 224}), y = nnc::libraryOwned();
//   status = context.run(&x, 1, &y, 1);
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNTIME_NNC_HPP
#define NNC_RUNTIME_NNC_HPP

#include "nnc/Runtime/nnc.h"

#include <initializer_list>
#include <utility>

namespace nnc {

/// What a call returned: true when it worked.
class [[nodiscard]] Status {
public:
  explicit operator bool() const { return error.status == NNC_OK; }
  nnc_status code() const { return error.status; }
  /// Empty when it worked.
  const char *message() const { return error.message; }
  /// Where a C call puts its error.
  nnc_error *out() { return &error; }

private:
  nnc_error error = {};
};

namespace detail {
template <typename T>
struct TypeOf;
template <>
struct TypeOf<float> {
  static constexpr nnc_type value = NNC_FLOAT32;
};
template <>
struct TypeOf<double> {
  static constexpr nnc_type value = NNC_FLOAT64;
};
template <>
struct TypeOf<bool> {
  static constexpr nnc_type value = NNC_BOOL;
};
template <>
struct TypeOf<int8_t> {
  static constexpr nnc_type value = NNC_INT8;
};
template <>
struct TypeOf<uint8_t> {
  static constexpr nnc_type value = NNC_UINT8;
};
template <>
struct TypeOf<int16_t> {
  static constexpr nnc_type value = NNC_INT16;
};
template <>
struct TypeOf<uint16_t> {
  static constexpr nnc_type value = NNC_UINT16;
};
template <>
struct TypeOf<int32_t> {
  static constexpr nnc_type value = NNC_INT32;
};
template <>
struct TypeOf<uint32_t> {
  static constexpr nnc_type value = NNC_UINT32;
};
template <>
struct TypeOf<int64_t> {
  static constexpr nnc_type value = NNC_INT64;
};
template <>
struct TypeOf<uint64_t> {
  static constexpr nnc_type value = NNC_UINT64;
};
} // namespace detail

/// A view of a dense row-major tensor in the caller's memory; at most
/// NNC_MAX_RANK dims, further ones make a rank that every model refuses. The
/// memory must hold the product of the dims, in elements.
inline nnc_value tensor(void *data, nnc_type type,
                        std::initializer_list<int64_t> dims) {
  nnc_value value = {};
  value.kind = NNC_TENSOR;
  value.type = type;
  value.rank = static_cast<int32_t>(dims.size());
  value.data = data;
  value.bytes = nnc_type_bytes(type);
  int32_t axis = 0;
  for (int64_t dim : dims) {
    if (axis < NNC_MAX_RANK)
      value.dims[axis++] = dim;
    value.bytes *= dim > 0 ? static_cast<size_t>(dim) : 0;
  }
  return value;
}

/// The same with the element type of the pointer.
template <typename T>
nnc_value tensor(T *data, std::initializer_list<int64_t> dims) {
  return tensor(data, detail::TypeOf<T>::value, dims);
}
template <typename T>
nnc_value tensor(const T *data, std::initializer_list<int64_t> dims) {
  return tensor(const_cast<T *>(data), detail::TypeOf<T>::value, dims);
}

/// An output for which the context keeps the memory, valid until its next run.
inline nnc_value libraryOwned() {
  nnc_value value = {};
  value.kind = NNC_TENSOR;
  return value;
}

/// A compiled model. Movable, may be shared by threads; outlives its contexts.
class Model {
public:
  Model() = default;
  Model(Model &&other) noexcept : model(std::exchange(other.model, nullptr)) {}
  Model &operator=(Model &&other) noexcept {
    std::swap(model, other.model);
    return *this;
  }
  ~Model() { nnc_model_close(model); }

  /// Replaces `model` when it works. `target` as in nnc_model_open_variant.
  static Status open(const char *path, Model &model,
                     const char *target = nullptr) {
    Status status;
    Model fresh;
    if (nnc_model_open_variant(path, target, &fresh.model, status.out()) ==
        NNC_OK)
      model = std::move(fresh);
    return status;
  }

  explicit operator bool() const { return model != nullptr; }
  const nnc_model *get() const { return model; }
  size_t numEntries() const { return nnc_model_num_entries(model); }
  /// NULL if there is no such entry.
  const nnc_signature *signature(size_t entry = 0) const {
    return nnc_model_signature(model, entry);
  }
  const char *target() const { return nnc_model_target(model); }
  const char *signatureJson() const { return nnc_model_signature_json(model); }

  Status workspaceBytes(size_t &bytes, const nnc_value *inputs = nullptr,
                        size_t numInputs = 0, int32_t threads = 1,
                        size_t entry = 0) const {
    Status status;
    nnc_workspace_bytes(model, entry, inputs, numInputs, threads, &bytes,
                        status.out());
    return status;
  }

private:
  nnc_model *model = nullptr;
};

/// The memory of one run at a time. Movable, used by one thread at a time.
class Context {
public:
  Context() = default;
  Context(Context &&other) noexcept
      : context(std::exchange(other.context, nullptr)) {}
  Context &operator=(Context &&other) noexcept {
    std::swap(context, other.context);
    return *this;
  }
  ~Context() { nnc_context_destroy(context); }

  /// Options with struct_size set.
  static nnc_context_options options(int32_t threads = 1) {
    nnc_context_options result = {};
    result.struct_size = sizeof result;
    result.threads = threads;
    return result;
  }

  /// Replaces `context` when it works.
  static Status create(const Model &model, const nnc_context_options &options,
                       Context &context) {
    Status status;
    Context fresh;
    if (nnc_context_create(model.get(), &options, &fresh.context,
                           status.out()) == NNC_OK)
      context = std::move(fresh);
    return status;
  }
  static Status create(const Model &model, Context &context) {
    return create(model, options(), context);
  }

  explicit operator bool() const { return context != nullptr; }
  nnc_context *get() const { return context; }

  Status run(const nnc_value *inputs, size_t numInputs, nnc_value *outputs,
             size_t numOutputs, size_t entry = 0) {
    Status status;
    nnc_context_run(context, entry, inputs, numInputs, outputs, numOutputs,
                    status.out());
    return status;
  }

  void setProfile(nnc_profile_callback callback, void *data) {
    nnc_context_set_profile(context, callback, data);
  }
  size_t bytes() const { return nnc_context_bytes(context); }

private:
  nnc_context *context = nullptr;
};

} // namespace nnc

#endif // NNC_RUNTIME_NNC_HPP
