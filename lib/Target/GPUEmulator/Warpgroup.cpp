//===----------------------------------------------------------------------===//
// Matrix products of a warpgroup (`wgmma`), which read shared memory by
// themselves. Layouts are those of the PTX manual, "Asynchronous Warpgroup
// Level Matrix Multiply-Accumulate", and of its matrix descriptors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Elements.h"
#include "lib/Target/GPUEmulator/Machine.h"
#include "nnc/Target/GPUEmulator/TensorMap.h"

using namespace nncgpu;

static constexpr unsigned productRows = 64;
/// Bytes of each row of A and of B that one instruction takes.
static constexpr unsigned depthBytes = 32;
static constexpr unsigned chunkBytes = 16;

namespace {
/// What config holds.
struct Product {
  unsigned n;
  Element a, b, d;
  bool isAInRegisters;

  explicit Product(const Site &site)
      : n(unsigned(site.config[0])), a(Element(site.config[1])),
        b(Element(site.config[2])), d(Element(site.config[3])),
        isAInRegisters(site.config[4]) {}

  unsigned depth() const { return depthBytes * 8 / elementBits(a); }
  unsigned packed() const { return 32 / elementBits(d); }
  unsigned sumRegisters() const { return n / 2 / packed(); }
};

/// A 64-bit matrix descriptor.
struct Descriptor {
  uint64_t start, leading, stride;
  Swizzle swizzle;
  unsigned row;

  explicit Descriptor(Slot bits)
      : start((bits & 0x3fff) << 4), leading((bits >> 16 & 0x3fff) << 4),
        stride((bits >> 32 & 0x3fff) << 4) {
    constexpr Swizzle modes[] = {Swizzle::None, Swizzle::Bytes128,
                                 Swizzle::Bytes64, Swizzle::Bytes32};
    swizzle = modes[bits >> 62];
    row = chunkBytes << unsigned(swizzle);
  }

  /// The offset in shared memory of the chunk that holds byte `at` of the depth
  /// of row `r`, where the depth is the faster dimension.
  uint64_t rowMajor(unsigned r, unsigned at) const {
    uint64_t inner = swizzle == Swizzle::None
                         ? at / chunkBytes * leading + r % 8 * chunkBytes
                         : r % 8 * row + at / chunkBytes * chunkBytes;
    return applySwizzle(swizzle, start + r / 8 * stride + inner);
  }
  /// The same where rows are the faster dimension, of 2-byte elements: the
  /// chunk that holds row `r` at depth `k`.
  uint64_t depthMajor(unsigned r, unsigned k) const {
    unsigned span = row / 2;
    uint64_t outer = swizzle == Swizzle::None
                         ? r / 8 * stride + k / 8 * leading
                         : r / span * leading + k / 8 * stride;
    uint64_t inner = k % 8 * row + r % span / 8 * chunkBytes;
    return applySwizzle(swizzle, start + outer + inner);
  }
};

/// One operand as numbers: rows of A, columns of B.
using Matrix = std::vector<std::array<float, 32>>;
} // namespace

/// Reads a chunk in the name of the group's engine; false if that is wrong.
static bool readChunk(Machine &machine, const Site &site, uint64_t offset,
                      uint8_t *chunk) {
  Machine::Access access;
  access.align = chunkBytes;
  access.engine =
      machine.clocks.productEngine(machine.thread->agent / warpgroupSize);
  access.time = machine.clocks.now(access.engine);
  SharedMemory &shared = machine.block().shared;
  uint64_t address = reinterpret_cast<uint64_t>(shared.data()) +
                     offset % SharedMemory::windowBytes;
  if (!machine.checkShared(site, address, chunkBytes, access))
    return false;
  std::memcpy(chunk, reinterpret_cast<const void *>(address), chunkBytes);
  return true;
}

static bool readOperand(Machine &machine, const Site &site, Slot bits,
                        Element element, bool isTransposed, Matrix &matrix) {
  Descriptor descriptor(bits);
  unsigned bytes = elementBits(element) / 8, perChunk = chunkBytes / bytes;
  auto get = [&](const uint8_t *chunk, unsigned i) {
    uint32_t value = 0;
    std::memcpy(&value, chunk + size_t(i) * bytes, bytes);
    return float(decodeElement(element, value));
  };
  uint8_t chunk[chunkBytes];
  auto rows = unsigned(matrix.size());
  if (isTransposed) {
    for (unsigned k = 0; k < depthBytes / bytes; ++k)
      for (unsigned r = 0; r < rows; r += perChunk) {
        if (!readChunk(machine, site, descriptor.depthMajor(r, k), chunk))
          return false;
        for (unsigned i = 0; i < perChunk; ++i)
          matrix[r + i][k] = get(chunk, i);
      }
    return true;
  }
  for (unsigned r = 0; r < rows; ++r)
    for (unsigned at = 0; at < depthBytes; at += chunkBytes) {
      if (!readChunk(machine, site, descriptor.rowMajor(r, at), chunk))
        return false;
      for (unsigned i = 0; i < perChunk; ++i)
        matrix[r][at / bytes + i] = get(chunk, i);
    }
  return true;
}

/// Row of A in the 16 rows of a warp, and depth, of element `i` of a lane.
static void readRegisters(const Meeting &meeting, const Product &product,
                          unsigned first, Matrix &matrix) {
  unsigned bits = elementBits(product.a), packed = 32 / bits;
  for (unsigned lane = 0; lane < warpgroupSize; ++lane)
    for (unsigned i = 0; i < 4 * packed; ++i) {
      unsigned part = i / packed, inWarp = lane % warpSize;
      unsigned row = lane / warpSize * 16 + inWarp / 4 + 8 * (part % 2);
      unsigned k = inWarp % 4 * packed + i % packed + 4 * packed * (part / 2);
      Slot slot = meeting.args[lane][first + part];
      matrix[row][k] =
          float(decodeElement(product.a, slot >> (i % packed * bits)));
    }
}

static void addProducts(Meeting &meeting, const Product &product,
                        const Matrix &left, const Matrix &right, bool keepsSums,
                        float signA, float signB) {
  unsigned bits = elementBits(product.d), packed = product.packed();
  unsigned depth = product.depth();
  for (unsigned lane = 0; lane < warpgroupSize; ++lane) {
    Slot *results = meeting.results[lane];
    const Slot *args = meeting.args[lane];
    std::array<Slot, 128> sums{};
    for (unsigned e = 0; e < product.n / 2; ++e) {
      unsigned inWarp = lane % warpSize;
      unsigned row = lane / warpSize * 16 + inWarp / 4 + 8 * (e / 2 % 2);
      unsigned column = e / 4 * 8 + inWarp % 4 * 2 + e % 2;
      float sum = 0;
      for (unsigned k = 0; k < depth; ++k)
        sum += left[row][k] * right[column][k];
      double total = double(sum) * signA * signB;
      if (keepsSums)
        total +=
            decodeElement(product.d, args[e / packed] >> (e % packed * bits));
      sums[e / packed] |= encodeElement(product.d, total)
                          << (e % packed * bits);
    }
    std::copy_n(sums.begin(), product.sumRegisters(), results);
  }
}

/// Operands: sums, A (a descriptor or four registers), B, whether sums are
/// kept, then signs and orders as far as the types have them.
static void productBody(Machine &machine, Meeting &meeting) {
  const Site &site = *meeting.site;
  Product product(site);
  machine.thread = meeting.first;
  ++machine.counters.matrixProducts;
  if (meeting.arrived.count() != warpgroupSize) {
    machine.report(FindingKind::Divergence, &site,
                   "a wgmma needs all 128 threads of a warpgroup");
    machine.abandon();
  }
  const Slot *args = meeting.args[0];
  unsigned atA = product.sumRegisters();
  unsigned atB = atA + (product.isAInRegisters ? 4 : 1);
  unsigned count = atA + site.operands;
  for (unsigned lane = 1; lane < warpgroupSize; ++lane)
    for (unsigned i = product.isAInRegisters ? atB : atA; i < count; ++i)
      if (meeting.args[lane][i] != args[i]) {
        machine.report(FindingKind::Divergence, &site,
                       "threads of a warpgroup have different descriptors or "
                       "flags for one wgmma");
        machine.abandon();
      }
  ProductQueue &queue =
      machine.block().products[meeting.first->index / warpSize];
  if (!queue.isFenced)
    machine.report(FindingKind::Misuse, &site,
                   "a wgmma without a wgmma.fence before it");
  auto flag = [&](unsigned i, int64_t otherwise) {
    return i < count ? int64_t(int32_t(args[i])) : otherwise;
  };
  bool keepsSums = args[atB + 1] & 1;
  bool isHalf = elementBits(product.a) == 16;
  float signA = flag(atB + 2, 1) < 0 ? -1 : 1;
  float signB = flag(atB + 3, 1) < 0 ? -1 : 1;
  bool turnsA = isHalf && !product.isAInRegisters && flag(atB + 4, 0);
  bool turnsB = isHalf && flag(atB + (product.isAInRegisters ? 4 : 5), 0);
  Matrix left(productRows), right(product.n);
  if (product.isAInRegisters)
    readRegisters(meeting, product, atA, left);
  else if (!readOperand(machine, site, args[atA], product.a, turnsA, left))
    machine.abandon();
  if (!readOperand(machine, site, args[atB], product.b, turnsB, right))
    machine.abandon();
  machine.clocks.tick(
      machine.clocks.productEngine(machine.thread->agent / warpgroupSize));
  addProducts(meeting, product, left, right, keepsSums, signA, signB);
}

static void multiply(const Site &site, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  machine.meet(site, warpgroupSize, std::bitset<warpgroupSize>().set(), results,
               args, productBody);
}

static ProductQueue &queueOf(Meeting &meeting) {
  return meeting.first->block->products[meeting.first->index / warpSize];
}

static void fenceBody(Machine &, Meeting &meeting) {
  queueOf(meeting).isFenced = true;
}

static void commitBody(Machine &machine, Meeting &meeting) {
  uint32_t engine =
      machine.clocks.productEngine(meeting.first->agent / warpgroupSize);
  // Products end in the order in which they were asked for.
  queueOf(meeting).groups.push_back(machine.clocks.now(engine) - 1);
}

static void waitBody(Machine &machine, Meeting &meeting) {
  std::vector<uint32_t> &groups = queueOf(meeting).groups;
  auto left = size_t(meeting.args[meeting.first->lane()][0]);
  uint32_t engine =
      machine.clocks.productEngine(meeting.first->agent / warpgroupSize);
  while (groups.size() > left) {
    for (unsigned lane = 0; lane < warpSize; ++lane)
      if (meeting.has(lane))
        machine.clocks.learn(meeting.thread(lane).agent, engine, groups[0]);
    groups.erase(groups.begin());
  }
}

template <Meeting::Body body>
static void meetInWarp(const Site &site, Slot *results, const Slot *args) {
  Machine::current().meet(site, warpSize, 0xffffffffu, results, args, body);
}

/// "m64n128k16.f32.bf16.bf16".
static bool matchProduct(llvm::StringRef name, Site &site) {
  llvm::SmallVector<llvm::StringRef> parts;
  name.split(parts, '.');
  llvm::StringRef shape = parts[0];
  int32_t n;
  if (parts.size() < 4 || !shape.consume_front("m64n") ||
      shape.consumeInteger(10, n) || n <= 0 || n > 256 || n % 8 != 0)
    return false;
  auto d = parseElement(parts[1]), a = parseElement(parts[2]),
       b = parseElement(parts[3]);
  if (!d || !a || !b || elementBits(*a) > 32 ||
      elementBits(*a) != elementBits(*b))
    return false;
  // Signs and orders that follow the flag of the sums.
  unsigned bits = elementBits(*a);
  bool isInteger = *a == Element::S8 || *a == Element::U8;
  unsigned flags = isInteger ? 0 : bits == 16 ? 3 : 2;
  site.config = {n, int32_t(*a), int32_t(*b), int32_t(*d),
                 site.operands == 6 + flags};
  site.handler = multiply;
  site.writesFirst = site.readsFirst = true;
  return true;
}

bool nncgpu::matchWarpgroup(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (!name.consume_front("wgmma."))
    return false;
  if (name.consume_front("mma_async.sync.aligned."))
    return matchProduct(name, site);
  if (name.starts_with("fence"))
    site.handler = meetInWarp<fenceBody>;
  else if (name.starts_with("commit"))
    site.handler = meetInWarp<commitBody>;
  else if (name.starts_with("wait"))
    site.handler = meetInWarp<waitBody>;
  return site.handler != nullptr;
}
