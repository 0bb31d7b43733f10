//===----------------------------------------------------------------------===//
// The host tensor: storage shared between copies, and element access by value.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Tensor.h"

#include "TensorBytes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <type_traits>
#include <unordered_map>

namespace nncio {

//===----------------------------------------------------------------------===//
// Rounding to odd
//===----------------------------------------------------------------------===//

/// To float, to odd: a second rounding to a 16-bit float then gives what one
/// direct rounding would.
static float narrowToOdd(double value) {
  const float nearest = static_cast<float>(value);
  const double back = nearest;
  if (std::isnan(value) || back == value)
    return nearest;
  const uint32_t bits = bitsOf(nearest);
  if (bits & 1u)
    return nearest;
  return floatOf(std::fabs(back) < std::fabs(value) ? bits + 1 : bits - 1);
}

/// To double, to odd, as above.
static double widenToOdd(int64_t value) {
  constexpr int64_t exact = int64_t(1) << 53;
  if (value >= -exact && value <= exact)
    return static_cast<double>(value);
  constexpr uint64_t lost = 0x7ffu;
  uint64_t bits = static_cast<uint64_t>(value);
  if (bits & lost)
    bits = (bits & ~lost) | (lost + 1);
  return static_cast<double>(static_cast<int64_t>(bits));
}

//===----------------------------------------------------------------------===//
// Access by C++ type
//===----------------------------------------------------------------------===//

namespace {

struct Half {
  uint16_t bits;
};

struct BFloat {
  uint16_t bits;
};

/// A float of at most 8 bits.
template <ElementType Type>
struct NarrowFloat {
  static constexpr ElementType type = Type;
  uint8_t bits;
};

/// An integer of less than 8 bits; the others of the byte do not matter.
template <unsigned Width, bool IsSigned>
struct NarrowInt {
  static constexpr int64_t least = IsSigned ? -(1 << (Width - 1)) : 0;
  static constexpr int64_t greatest = least + (1 << Width) - 1;
  static constexpr unsigned mask = (1u << Width) - 1;
  uint8_t bits;

  int64_t number() const {
    const int64_t low = bits & mask;
    return low > greatest ? low - int64_t(mask) - 1 : low;
  }
};

template <typename T>
constexpr bool isNarrowFloatTag = false;
template <ElementType Type>
constexpr bool isNarrowFloatTag<NarrowFloat<Type>> = true;
template <typename T>
constexpr bool isNarrowIntTag = false;
template <unsigned Width, bool IsSigned>
constexpr bool isNarrowIntTag<NarrowInt<Width, IsSigned>> = true;

template <typename T>
struct TypeTag {
  using type = T;
};

} // namespace

/// The narrow types of visitType.
template <typename F>
static void visitNarrowType(ElementType type, F &&f) {
  switch (type) {
  case ElementType::F8E4M3FN:
    return f(TypeTag<NarrowFloat<ElementType::F8E4M3FN>>());
  case ElementType::F8E4M3FNUZ:
    return f(TypeTag<NarrowFloat<ElementType::F8E4M3FNUZ>>());
  case ElementType::F8E5M2:
    return f(TypeTag<NarrowFloat<ElementType::F8E5M2>>());
  case ElementType::F8E5M2FNUZ:
    return f(TypeTag<NarrowFloat<ElementType::F8E5M2FNUZ>>());
  case ElementType::F4E2M1:
    return f(TypeTag<NarrowFloat<ElementType::F4E2M1>>());
  case ElementType::F8E8M0:
    return f(TypeTag<NarrowFloat<ElementType::F8E8M0>>());
  case ElementType::U4:
    return f(TypeTag<NarrowInt<4, false>>());
  case ElementType::I4:
    return f(TypeTag<NarrowInt<4, true>>());
  case ElementType::U2:
    return f(TypeTag<NarrowInt<2, false>>());
  case ElementType::I2:
    return f(TypeTag<NarrowInt<2, true>>());
  default:
    return;
  }
}

/// Calls `f(TypeTag<C++ type>)`; does nothing for types without elements in
/// memory.
template <typename F>
static void visitType(ElementType type, F &&f) {
  switch (type) {
  case ElementType::F32:
    return f(TypeTag<float>());
  case ElementType::F64:
    return f(TypeTag<double>());
  case ElementType::F16:
    return f(TypeTag<Half>());
  case ElementType::BF16:
    return f(TypeTag<BFloat>());
  case ElementType::Bool:
    return f(TypeTag<bool>());
  case ElementType::U8:
    return f(TypeTag<uint8_t>());
  case ElementType::I8:
    return f(TypeTag<int8_t>());
  case ElementType::U16:
    return f(TypeTag<uint16_t>());
  case ElementType::I16:
    return f(TypeTag<int16_t>());
  case ElementType::U32:
    return f(TypeTag<uint32_t>());
  case ElementType::I32:
    return f(TypeTag<int32_t>());
  case ElementType::U64:
    return f(TypeTag<uint64_t>());
  case ElementType::I64:
    return f(TypeTag<int64_t>());
  default:
    return visitNarrowType(type, std::forward<F>(f));
  }
}

/// The element as a number: double for the floats, else its own type. A bool
/// byte of any nonzero value is true.
template <typename T>
static auto loadNumber(const uint8_t *data, int64_t index) {
  if constexpr (std::is_same_v<T, bool>) {
    return data[index] != 0;
  } else {
    T raw;
    std::memcpy(&raw, data + static_cast<size_t>(index) * sizeof(T), sizeof(T));
    if constexpr (isNarrowFloatTag<T>)
      return decodeNarrow(T::type, raw.bits);
    else if constexpr (isNarrowIntTag<T>)
      return raw.number();
    else if constexpr (std::is_same_v<T, Half>)
      return static_cast<double>(halfToFloat(raw.bits));
    else if constexpr (std::is_same_v<T, BFloat>)
      return static_cast<double>(bfloatToFloat(raw.bits));
    else if constexpr (std::is_same_v<T, float>)
      return static_cast<double>(raw);
    else
      return raw;
  }
}

/// Truncates toward zero into the range of T; NaN gives 0.
template <typename T>
static T saturate(double value) {
  if (std::isnan(value))
    return 0;
  // Both bounds are powers of two (or zero), so exact in double.
  const double low = static_cast<double>(std::numeric_limits<T>::min());
  const double high = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (value <= low)
    return std::numeric_limits<T>::min();
  if (value >= high)
    return std::numeric_limits<T>::max();
  return static_cast<T>(value);
}

template <typename N>
static int64_t numberToInt(N number) {
  if constexpr (std::is_same_v<N, double>)
    return saturate<int64_t>(number);
  else
    return static_cast<int64_t>(number);
}

template <typename T>
static T fromDouble(double value) {
  if constexpr (isNarrowFloatTag<T>)
    return T{encodeNarrow(T::type, value)};
  else if constexpr (isNarrowIntTag<T>)
    return T{static_cast<uint8_t>(
        std::clamp(saturate<int64_t>(value), T::least, T::greatest) & T::mask)};
  else if constexpr (std::is_same_v<T, Half>)
    return Half{floatToHalf(narrowToOdd(value))};
  else if constexpr (std::is_same_v<T, BFloat>)
    return BFloat{floatToBFloat(narrowToOdd(value))};
  else if constexpr (std::is_same_v<T, bool>)
    return value != 0;
  else if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(value);
  else
    return saturate<T>(value);
}

template <typename T>
static T fromInt(int64_t value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat> ||
                isNarrowFloatTag<T>)
    return fromDouble<T>(widenToOdd(value));
  else if constexpr (isNarrowIntTag<T>)
    return T{static_cast<uint8_t>(value & T::mask)};
  else if constexpr (std::is_same_v<T, bool>)
    return value != 0;
  else
    return static_cast<T>(value);
}

template <typename T>
static void store(uint8_t *data, int64_t index, T value) {
  std::memcpy(data + static_cast<size_t>(index) * sizeof(T), &value, sizeof(T));
}

//===----------------------------------------------------------------------===//
// Strings
//===----------------------------------------------------------------------===//

namespace {

/// All strings of the process by number. They stay, as numbers may be anywhere.
class StringTable {
public:
  static StringTable &get() {
    static StringTable table;
    return table;
  }

  /// The numbers of the first `n` of `strings`.
  std::vector<int64_t> intern(const std::vector<std::string> &strings,
                              size_t n) {
    const std::lock_guard<std::mutex> guard(lock);
    std::vector<int64_t> numbers;
    for (size_t i = 0; i < n; ++i) {
      const auto [at, isNew] =
          known.try_emplace(strings[i], static_cast<int64_t>(byNumber.size()));
      if (isNew)
        byNumber.push_back(&at->first);
      numbers.push_back(at->second);
    }
    return numbers;
  }

  /// The strings of `n` numbers at `data`, "" for what is none.
  std::vector<std::string> lookUp(const uint8_t *data, size_t n) {
    const std::lock_guard<std::mutex> guard(lock);
    std::vector<std::string> strings(n);
    for (size_t i = 0; i < n; ++i) {
      uint64_t number;
      std::memcpy(&number, data + i * sizeof(number), sizeof(number));
      if (number < byNumber.size())
        strings[i] = *byNumber[number];
    }
    return strings;
  }

private:
  StringTable() {
    byNumber.push_back(&known.try_emplace(std::string(), 0).first->first);
  }

  std::mutex lock;
  std::unordered_map<std::string, int64_t> known;
  std::vector<const std::string *> byNumber;
};

} // namespace

//===----------------------------------------------------------------------===//
// Tensor
//===----------------------------------------------------------------------===//

int64_t numElements(const std::vector<int64_t> &shape) {
  int64_t product = 1;
  bool overflow = false;
  bool zero = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return -1;
    zero |= dim == 0;
    overflow |= __builtin_mul_overflow(product, dim, &product);
  }
  if (zero)
    return 0;
  return overflow ? -1 : product;
}

/// Zeroed memory of at least one byte; null when there is none. The allocator
/// of C, because it reports failure by value.
static std::shared_ptr<void> allocateZeroed(size_t bytes) {
  void *memory = std::calloc(std::max<size_t>(bytes, 1), 1);
  if (!memory)
    return nullptr;
  return std::shared_ptr<void>(memory, std::free);
}

static bool bytesOverflow(int64_t count, ElementType type) {
  size_t bytes;
  return __builtin_mul_overflow(static_cast<size_t>(count), elementBytes(type),
                                &bytes);
}

// An impossible shape or a failed allocation leaves the empty default tensor of
// type Undefined, which every consumer refuses.
Tensor::Tensor(ElementType type, std::vector<int64_t> shape) {
  const int64_t n = numElements(shape);
  if (n < 0 || bytesOverflow(n, type))
    return;
  std::shared_ptr<void> memory =
      allocateZeroed(static_cast<size_t>(n) * elementBytes(type));
  if (!memory)
    return;
  elementType = type;
  dims = std::move(shape);
  count = n;
  begin = static_cast<const uint8_t *>(memory.get());
  keep = std::move(memory);
  owned = true;
}

Tensor::Tensor(ElementType type, std::vector<int64_t> shape, const void *data,
               std::shared_ptr<const void> owner) {
  const int64_t n = numElements(shape);
  if (n < 0 || bytesOverflow(n, type))
    return;
  elementType = type;
  dims = std::move(shape);
  count = n;
  begin = static_cast<const uint8_t *>(data);
  keep = std::move(owner);
}

Tensor Tensor::fromElements(ElementType type, std::vector<Tensor> elements) {
  Tensor value;
  value.elementType = type;
  value.kind = Kind::Sequence;
  value.parts = std::move(elements);
  return value;
}

Tensor Tensor::absent() {
  Tensor value;
  value.kind = Kind::Absent;
  return value;
}

Tensor Tensor::fromStrings(std::vector<int64_t> shape,
                           std::vector<std::string> strings) {
  Tensor tensor(ElementType::String, std::move(shape));
  const size_t n = std::min(static_cast<size_t>(tensor.count), strings.size());
  if (n == 0)
    return tensor;
  const std::vector<int64_t> numbers = StringTable::get().intern(strings, n);
  std::memcpy(tensor.mutableData(), numbers.data(), n * sizeof(int64_t));
  return tensor;
}

std::vector<std::string> Tensor::strings() const {
  if (elementType != ElementType::String || count == 0)
    return {};
  return StringTable::get().lookUp(begin, static_cast<size_t>(count));
}

Tensor Tensor::fromDoubles(ElementType type, std::vector<int64_t> shape,
                           const std::vector<double> &values) {
  Tensor tensor(type, std::move(shape));
  const int64_t n = std::min(tensor.count, static_cast<int64_t>(values.size()));
  for (int64_t i = 0; i < n; ++i)
    tensor.setDouble(i, values[static_cast<size_t>(i)]);
  return tensor;
}

Tensor Tensor::fromInts(ElementType type, std::vector<int64_t> shape,
                        const std::vector<int64_t> &values) {
  Tensor tensor(type, std::move(shape));
  const int64_t n = std::min(tensor.count, static_cast<int64_t>(values.size()));
  for (int64_t i = 0; i < n; ++i)
    tensor.setInt(i, values[static_cast<size_t>(i)]);
  return tensor;
}

uint8_t *Tensor::mutableData() {
  if (!owned || keep.use_count() != 1) {
    std::shared_ptr<void> memory = allocateZeroed(bytes());
    if (!memory)
      return nullptr;
    if (bytes() != 0)
      std::memcpy(memory.get(), begin, bytes());
    begin = static_cast<const uint8_t *>(memory.get());
    keep = std::move(memory);
    owned = true;
  }
  return const_cast<uint8_t *>(begin);
}

Tensor Tensor::reshaped(std::vector<int64_t> shape) const {
  if (numElements(shape) != count)
    return Tensor();
  Tensor result = *this;
  result.dims = std::move(shape);
  return result;
}

double Tensor::getDouble(int64_t index) const {
  double result = 0;
  visitType(elementType, [&](auto tag) {
    using T = typename decltype(tag)::type;
    result = static_cast<double>(loadNumber<T>(begin, index));
  });
  return result;
}

int64_t Tensor::getInt(int64_t index) const {
  int64_t result = 0;
  visitType(elementType, [&](auto tag) {
    using T = typename decltype(tag)::type;
    result = numberToInt(loadNumber<T>(begin, index));
  });
  return result;
}

void Tensor::setDouble(int64_t index, double value) {
  uint8_t *data = mutableData();
  visitType(elementType, [&](auto tag) {
    using T = typename decltype(tag)::type;
    store<T>(data, index, fromDouble<T>(value));
  });
}

void Tensor::setNarrow(int64_t index, double value, bool saturate,
                       PowerRounding rounding) {
  if (isNarrowFloat(elementType))
    mutableData()[index] = encodeNarrow(elementType, value, saturate, rounding);
  else
    setDouble(index, value);
}

void Tensor::setInt(int64_t index, int64_t value) {
  uint8_t *data = mutableData();
  visitType(elementType, [&](auto tag) {
    using T = typename decltype(tag)::type;
    store<T>(data, index, fromInt<T>(value));
  });
}

std::vector<double> Tensor::toDoubles() const {
  std::vector<double> values(static_cast<size_t>(count));
  visitType(elementType, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < count; ++i)
      values[static_cast<size_t>(i)] =
          static_cast<double>(loadNumber<T>(begin, i));
  });
  return values;
}

std::vector<int64_t> Tensor::toInts() const {
  std::vector<int64_t> values(static_cast<size_t>(count));
  visitType(elementType, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < count; ++i)
      values[static_cast<size_t>(i)] = numberToInt(loadNumber<T>(begin, i));
  });
  return values;
}

} // namespace nncio
