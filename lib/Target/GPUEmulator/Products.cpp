//===----------------------------------------------------------------------===//
// Matrix products of a warp (`mma.sync`). Fragments are laid out as in the PTX
// manual, "Matrix Fragments for mma".
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Elements.h"
#include "lib/Target/GPUEmulator/Machine.h"

using namespace nncgpu;

namespace {
/// What config holds, in its order.
struct Shape {
  int32_t m, n, k;
  Element a, b, c, d;
  int32_t isSaturated;

  explicit Shape(const std::array<int32_t, 8> &config)
      : m(config[0]), n(config[1]), k(config[2]), a(Element(config[3])),
        b(Element(config[4])), c(Element(config[5])), d(Element(config[6])),
        isSaturated(config[7]) {}
  std::array<int32_t, 8> pack() const {
    return {m,          n,          k,          int32_t(a),
            int32_t(b), int32_t(c), int32_t(d), isSaturated};
  }
};

/// A fragment of one operand: elements that share a register are packed.
struct Fragment {
  Element element;
  unsigned registers;
  unsigned packed;

  Fragment(Element element, unsigned elementsPerLane) : element(element) {
    unsigned bits = elementBits(element);
    packed = std::max(1u, 32 / bits);
    registers = elementsPerLane / packed;
  }
  double get(const Slot *slots, unsigned i) const {
    return decodeElement(element, slots[i / packed] >>
                                      (i % packed * elementBits(element)));
  }
};
} // namespace

/// Row of A and column of A of element `i` of a lane. Each register of 32 bits
/// has `packed` neighbours in k; rows alternate before columns.
static std::pair<unsigned, unsigned>
placeA(const Fragment &fragment, unsigned m, unsigned lane, unsigned i) {
  unsigned group = lane / 4, inGroup = lane % 4;
  unsigned part = i / fragment.packed, within = i % fragment.packed;
  unsigned rows = m / 8;
  unsigned row = group + 8 * (part % rows);
  unsigned column =
      inGroup * fragment.packed + within + 4 * fragment.packed * (part / rows);
  return {row, column};
}

static std::pair<unsigned, unsigned> placeB(const Fragment &fragment,
                                            unsigned lane, unsigned i) {
  unsigned part = i / fragment.packed, within = i % fragment.packed;
  return {lane % 4 * fragment.packed + within + 4 * fragment.packed * part,
          lane / 4};
}

static std::pair<unsigned, unsigned> placeC(unsigned lane, unsigned i) {
  return {lane / 4 + 8 * (i / 2), lane % 4 * 2 + i % 2};
}

/// Integers wrap around, or stop at the ends of their range.
static double limitInteger(double value, bool isSaturated) {
  if (isSaturated)
    return std::clamp(value, double(INT32_MIN), double(INT32_MAX));
  return int32_t(uint32_t(int64_t(value)));
}

static void productBody(Machine &machine, Meeting &meeting) {
  ++machine.counters.matrixProducts;
  Shape shape(meeting.site->config);
  Fragment a(shape.a, unsigned(shape.m * shape.k) / warpSize);
  Fragment b(shape.b, unsigned(shape.k * shape.n) / warpSize);
  Fragment c(shape.c, unsigned(shape.m * shape.n) / warpSize);
  Fragment d(shape.d, unsigned(shape.m * shape.n) / warpSize);
  double left[16][32], right[32][8], sums[16][8];
  for (unsigned lane = 0; lane < warpSize; ++lane) {
    const Slot *args = meeting.args[lane];
    for (unsigned i = 0; i < a.registers * a.packed; ++i) {
      auto [row, column] = placeA(a, unsigned(shape.m), lane, i);
      left[row][column] = a.get(args, i);
    }
    for (unsigned i = 0; i < b.registers * b.packed; ++i) {
      auto [row, column] = placeB(b, lane, i);
      right[row][column] = b.get(args + a.registers, i);
    }
    for (unsigned i = 0; i < c.registers * c.packed; ++i) {
      auto [row, column] = placeC(lane, i);
      sums[row][column] = c.get(args + a.registers + b.registers, i);
    }
  }
  bool isInteger = shape.d == Element::S32;
  for (int row = 0; row < shape.m; ++row)
    for (int column = 0; column < shape.n; ++column) {
      double sum = sums[row][column];
      for (int k = 0; k < shape.k; ++k)
        sum += left[row][k] * right[k][column];
      sums[row][column] =
          isInteger ? limitInteger(sum, shape.isSaturated) : sum;
    }
  for (unsigned lane = 0; lane < warpSize; ++lane) {
    std::fill_n(meeting.results[lane], d.registers, 0);
    for (unsigned i = 0; i < d.registers * d.packed; ++i) {
      auto [row, column] = placeC(lane, i);
      meeting.results[lane][i / d.packed] |=
          encodeElement(shape.d, sums[row][column])
          << (i % d.packed * elementBits(shape.d));
    }
  }
}

static void multiply(const Site &site, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  machine.meet(site, warpSize, 0xffffffffu, results, args,
               [](Machine &inner, Meeting &meeting) {
                 if (meeting.arrived.count() != warpSize) {
                   inner.report(
                       FindingKind::Divergence, meeting.site,
                       "a matrix product needs all 32 lanes of a warp");
                   inner.abandon();
                 }
                 productBody(inner, meeting);
               });
}

/// "m16n8k16".
static bool parseShape(llvm::StringRef text, Shape &shape) {
  return text.consume_front("m") && !text.consumeInteger(10, shape.m) &&
         text.consume_front("n") && !text.consumeInteger(10, shape.n) &&
         text.consume_front("k") && !text.consumeInteger(10, shape.k) &&
         text.empty();
}

/// The types of A, B, C and D by those that the opcode names: PTX has D, A, B
/// and C; intrinsics D and C of f16, A and B (if different) of others, and all
/// of narrow floats.
static bool assignTypes(llvm::ArrayRef<Element> types, bool isIntrinsic,
                        Shape &shape) {
  auto isNarrow = [](Element type) {
    return type == Element::E4M3 || type == Element::E5M2;
  };
  if (types.size() == 4) {
    shape.d = types[0], shape.a = types[1], shape.b = types[2];
    shape.c = types[3];
    return true;
  }
  if (!isIntrinsic || types.empty() || types.size() > 2 || isNarrow(types[0]))
    return false;
  bool isHalf = types.size() == 2 &&
                (types[0] == Element::F16 || types[0] == Element::F32) &&
                (types[1] == Element::F16 || types[1] == Element::F32);
  if (isHalf) {
    shape.d = types[0], shape.c = types[1];
    shape.a = shape.b = Element::F16;
    return true;
  }
  shape.a = types[0], shape.b = types.back();
  bool isByte = shape.a == Element::S8 || shape.a == Element::U8;
  shape.c = shape.d = isByte                    ? Element::S32
                      : shape.a == Element::F64 ? Element::F64
                                                : Element::F32;
  return true;
}

bool nncgpu::matchProducts(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (!name.consume_front("mma."))
    return false;
  bool isIntrinsic = !name.consume_front("sync.aligned.");
  llvm::SmallVector<llvm::StringRef> parts;
  name.split(parts, '.');
  Shape shape(site.config);
  if (!parseShape(parts[0], shape) || !llvm::is_contained(parts, "row") ||
      !llvm::is_contained(parts, "col"))
    return false;
  shape.isSaturated = llvm::is_contained(parts, "satfinite");
  llvm::SmallVector<Element> types;
  for (llvm::StringRef part : llvm::drop_begin(parts)) {
    if (part == "row" || part == "col" || part == "satfinite")
      continue;
    auto type = parseElement(part);
    if (!type)
      return false;
    types.push_back(*type);
  }
  if (!assignTypes(types, isIntrinsic, shape) || shape.n != 8 ||
      (shape.m != 8 && shape.m != 16) || shape.k > 32)
    return false;
  // Fragments of 8x8x4 halves are laid out differently.
  if (shape.k == 4 && elementBits(shape.a) < 32)
    return false;
  site.config = shape.pack();
  site.handler = multiply;
  site.writesFirst = true;
  return true;
}
