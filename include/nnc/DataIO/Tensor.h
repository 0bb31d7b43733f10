//===----------------------------------------------------------------------===//
// A dense tensor in host memory: what files hold, what the reference evaluator
// computes on, what tools compare. Links neither LLVM nor MLIR.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_TENSOR_H
#define NNC_DATAIO_TENSOR_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nncio {

/// Element types, numbered as ONNX's TensorProto.DataType.
enum class ElementType : int32_t {
  Undefined = 0,
  F32 = 1,
  U8 = 2,
  I8 = 3,
  U16 = 4,
  I16 = 5,
  I32 = 6,
  I64 = 7,
  String = 8,
  Bool = 9,
  F16 = 10,
  F64 = 11,
  U32 = 12,
  U64 = 13,
  BF16 = 16,
  F8E4M3FN = 17,
  F8E4M3FNUZ = 18,
  F8E5M2 = 19,
  F8E5M2FNUZ = 20,
  U4 = 21,
  I4 = 22,
  F4E2M1 = 23,
  F8E8M0 = 24,
  U2 = 25,
  I2 = 26,
};

/// Bytes of one element in memory; 0 for Undefined. Elements of less than 8
/// bits take a byte each: its low bits are the element, the others are 0 when
/// written and do not matter when read. A string takes the 8 bytes of its
/// number.
size_t elementBytes(ElementType type);
/// Bits of one element in a file; 0 for Undefined and String.
unsigned elementBits(ElementType type);
/// "f32", "ui8", "bool", …; the spelling that messages use.
const char *elementName(ElementType type);
/// Also of the narrow floats.
bool isFloat(ElementType type);
/// Of at most 8 bits.
bool isNarrowFloat(ElementType type);
bool isUnsigned(ElementType type);

/// Rounding conversions of the 16-bit floats, to nearest even; NaN stays NaN.
float halfToFloat(uint16_t bits);
uint16_t floatToHalf(float value);
float bfloatToFloat(uint16_t bits);
uint16_t floatToBFloat(float value);

/// How a number becomes a power of two, the element of F8E8M0.
enum class PowerRounding { Up, Down, Nearest };

/// The number that a code of a float type of at most 8 bits stands for.
double decodeNarrow(ElementType type, uint8_t code);
/// The code nearest to a number, even if two are. A number beyond the largest
/// becomes it if `saturate`, else infinity, or NaN where the type has none (and
/// the largest where it has neither). Of F8E8M0 the sign is dropped.
uint8_t encodeNarrow(ElementType type, double value, bool saturate = true,
                     PowerRounding rounding = PowerRounding::Up);

/// Product of the dimensions, 1 for rank 0; -1 if one is negative or the
/// product does not fit into int64_t.
int64_t numElements(const std::vector<int64_t> &shape);

/// A row-major tensor; also what stands in its place: a sequence of tensors, or
/// nothing, where a model's value may be absent. Copies share the bytes;
/// `mutableData` makes them unique first. Of strings the bytes hold numbers, so
/// that they move like any other element: equal strings have equal numbers in a
/// process, and the empty one has 0.
class Tensor {
public:
  Tensor() = default;

  /// Zero-filled. `shape` must be valid (numElements >= 0).
  Tensor(ElementType type, std::vector<int64_t> shape);

  /// On memory that someone else keeps alive as long as `owner` lives; `data`
  /// may be unaligned.
  Tensor(ElementType type, std::vector<int64_t> shape, const void *data,
         std::shared_ptr<const void> owner);

  static Tensor fromStrings(std::vector<int64_t> shape,
                            std::vector<std::string> strings);
  static Tensor fromDoubles(ElementType type, std::vector<int64_t> shape,
                            const std::vector<double> &values);
  static Tensor fromInts(ElementType type, std::vector<int64_t> shape,
                         const std::vector<int64_t> &values);

  /// A sequence of tensors, which may be empty.
  static Tensor fromElements(ElementType type, std::vector<Tensor> elements);
  static Tensor absent();

  bool isSequence() const { return kind == Kind::Sequence; }
  bool isAbsent() const { return kind == Kind::Absent; }
  const std::vector<Tensor> &elements() const { return parts; }

  ElementType type() const { return elementType; }
  const std::vector<int64_t> &shape() const { return dims; }
  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  int64_t size() const { return count; }
  size_t bytes() const {
    return static_cast<size_t>(count) * elementBytes(elementType);
  }
  bool empty() const { return count == 0; }

  const uint8_t *data() const { return begin; }
  uint8_t *mutableData();
  /// All elements of a tensor of strings; none of another type.
  std::vector<std::string> strings() const;

  /// The same elements under another shape of equal size.
  Tensor reshaped(std::vector<int64_t> shape) const;

  /// Element `index` in row-major order. Integers convert to double by value;
  /// getInt of a float truncates toward zero and saturates (NaN gives 0).
  double getDouble(int64_t index) const;
  int64_t getInt(int64_t index) const;
  /// Stores with the rounding of the type; integers saturate (NaN gives 0),
  /// bool is value != 0. setInt wraps modulo 2^n as ONNX casts do.
  void setDouble(int64_t index, double value);
  void setInt(int64_t index, int64_t value);

  /// Stores a narrow float by encodeNarrow; other types as setDouble does.
  void setNarrow(int64_t index, double value, bool saturate,
                 PowerRounding rounding);

  /// All elements; u64 above 2^63 wraps in toInts.
  std::vector<double> toDoubles() const;
  std::vector<int64_t> toInts() const;

private:
  ElementType elementType = ElementType::Undefined;
  std::vector<int64_t> dims;
  int64_t count = 0;
  std::shared_ptr<const void> keep;
  const uint8_t *begin = nullptr;
  bool owned = false;
  enum class Kind { Tensor, Sequence, Absent };
  Kind kind = Kind::Tensor;
  std::vector<Tensor> parts;
};

/// A value or the message of why there is none; the plain-C++ counterpart of
/// llvm::Expected, without its obligation to be checked.
template <typename T>
class Result {
public:
  Result(T value) : payload(std::move(value)) {}
  static Result failure(std::string message) {
    Result r{T()};
    r.text = std::move(message);
    r.good = false;
    return r;
  }
  explicit operator bool() const { return good; }
  T &operator*() { return payload; }
  const T &operator*() const { return payload; }
  T *operator->() { return &payload; }
  const T *operator->() const { return &payload; }
  const std::string &error() const { return text; }

private:
  T payload;
  std::string text;
  bool good = true;
};

} // namespace nncio

#endif // NNC_DATAIO_TENSOR_H
