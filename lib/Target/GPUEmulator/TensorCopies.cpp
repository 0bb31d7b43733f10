//===----------------------------------------------------------------------===//
// Bulk copies: boxes of tensors and plain ranges, between global and shared
// memory, that complete at an mbarrier or in groups.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/TransactionBarriers.h"
#include "nnc/Target/GPUEmulator/TensorMap.h"

using namespace nncgpu;

/// A box as it is copied: the map and where the box begins.
namespace {
struct Box {
  TensorMap map;
  int32_t start[TensorMap::maxRank] = {};

  /// Elements that are copied of a dimension.
  uint32_t steps(unsigned i) const {
    return (map.box[i] + map.elementStrides[i] - 1u) / map.elementStrides[i];
  }
  uint32_t elements() const {
    uint32_t count = 1;
    for (unsigned i = 0; i < map.rank; ++i)
      count *= steps(i);
    return count;
  }
  uint32_t bytes() const { return elements() * map.elementBytes; }
  /// The address in global memory of an element; 0 if it is outside.
  uint64_t addressOf(uint32_t element) const;
  /// Its address in shared memory, where the box begins at `to`. The swizzle
  /// goes by the bits of the address.
  uint64_t placeOf(uint64_t to, uint32_t element) const {
    return applySwizzle(map.swizzle, to + uint64_t(element) * map.elementBytes);
  }
};
} // namespace

uint64_t Box::addressOf(uint32_t element) const {
  uint64_t address = map.base;
  for (unsigned i = 0; i < map.rank; ++i) {
    int64_t index =
        int64_t(start[i]) + int64_t(element % steps(i)) * map.elementStrides[i];
    element /= steps(i);
    if (index < 0 || index >= map.extents[i])
      return 0;
    address += uint64_t(index) * (i ? map.strides[i - 1] : map.elementBytes);
  }
  return address;
}

static Box readBox(Machine &machine, const Site &site, Slot map, unsigned rank,
                   const Slot *coordinates) {
  Box box;
  std::memcpy(&box.map, reinterpret_cast<const void *>(map), sizeof box.map);
  if (box.map.magic != TensorMap::magicValue || box.map.rank != rank) {
    machine.report(FindingKind::Misuse, &site,
                   "expected a tensor map of " + llvm::Twine(rank) +
                       " dimensions");
    machine.abandon();
  }
  for (unsigned i = 0; i < rank; ++i)
    box.start[i] = int32_t(coordinates[i]);
  return box;
}

/// The alignment that a box needs in shared memory.
static uint32_t boxAlign(const TensorMap &map) {
  return map.swizzle == Swizzle::None ? 128 : 128u << unsigned(map.swizzle);
}

/// Checks the side of a box in global memory, over the rows that lie inside.
static bool checkSource(Machine &machine, const Site &site, const Box &box,
                        bool isWrite) {
  Machine::Access access;
  access.isWrite = isWrite;
  uint32_t row = box.steps(0);
  for (uint32_t element = 0; element < box.elements(); element += row) {
    uint32_t first = element, end = element + row;
    while (first < end && !box.addressOf(first))
      ++first;
    while (end > first && !box.addressOf(end - 1))
      --end;
    uint64_t bytes = uint64_t(end - first) * box.map.elementBytes;
    if (bytes &&
        !machine.checkGlobal(site, box.addressOf(first), bytes, access))
      return false;
  }
  return true;
}

static void fillBox(const Box &box, uint64_t to) {
  unsigned bytes = box.map.elementBytes, perChunk = 16 / bytes;
  bool isDense = box.map.elementStrides[0] == 1;
  for (uint32_t element = 0; element < box.elements(); ++element) {
    // Rows are multiples of 16 bytes, which a swizzle keeps together.
    if (isDense && element % perChunk == 0 && box.addressOf(element) &&
        box.addressOf(element + perChunk - 1)) {
      std::memcpy(reinterpret_cast<void *>(box.placeOf(to, element)),
                  reinterpret_cast<const void *>(box.addressOf(element)), 16);
      element += perChunk - 1;
      continue;
    }
    uint64_t from = box.addressOf(element);
    void *place = reinterpret_cast<void *>(box.placeOf(to, element));
    if (from)
      std::memcpy(place, reinterpret_cast<const void *>(from), bytes);
    else
      std::memset(place, box.map.fillsNaN ? 0xff : 0, bytes);
  }
}

/// Notes that the copies of a barrier write [to, to + bytes), and does them.
static void copyToShared(Machine &machine, const Site &site, uint64_t to,
                         uint32_t bytes, uint32_t align, uint64_t barrierAt,
                         std::function<void()> copy) {
  auto [owner, barrier] = findBarrier(machine, site, barrierAt);
  Machine::Access access;
  access.isWrite = true;
  access.align = align;
  access.engine = barrier->engine;
  access.time = machine.clocks.now(barrier->engine);
  machine.clocks.tick(access.engine);
  if (!machine.checkShared(site, to, bytes, access))
    machine.abandon();
  ++machine.counters.tensorCopies;
  machine.defer([&machine, target = barrier, bytes, time = access.time,
                 copy = std::move(copy)] {
    copy();
    completeBytes(machine, *target, bytes, time);
  });
}

/// config: dimensions, whether a mask of blocks follows the operands of the
/// intrinsic, whether it is the form for the own block only. Operands: place,
/// barrier, map, coordinates, [mask, hint, whether there is a mask, ...].
static void loadBox(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  auto rank = unsigned(site.config[0]);
  bool isAssembly = site.config[2];
  Slot mapAt = args[isAssembly ? 1 : 2],
       barrierAt = args[isAssembly ? 2 + rank : 1];
  const Slot *coordinates = args + (isAssembly ? 2 : 3);
  Box box = readBox(machine, site, mapAt, rank, coordinates);
  if (!checkSource(machine, site, box, /*isWrite=*/false))
    machine.abandon();
  uint64_t to = machine.sharedAddress(args[0]);
  uint64_t barrier = machine.sharedAddress(barrierAt);
  uint32_t mask = 0;
  if (isAssembly)
    mask = site.config[1] ? uint32_t(args[3 + rank]) : 0;
  else if (site.config[1] && (args[5 + rank] & 1))
    mask = uint32_t(args[3 + rank]);
  constexpr uint64_t window = SharedMemory::windowBytes;
  for (uint32_t rankInCluster = 0; rankInCluster < machine.clusterSize();
       ++rankInCluster) {
    uint64_t shift = 0;
    if (mask) {
      if (!(mask >> rankInCluster & 1))
        continue;
      uint64_t own = machine.findShared(to)->rank;
      shift = (rankInCluster - own) * window;
    } else if (rankInCluster != 0) {
      break;
    }
    copyToShared(machine, site, to + shift, box.bytes(), boxAlign(box.map),
                 barrier + shift,
                 [box, to, shift] { fillBox(box, to + shift); });
  }
}

/// config: dimensions. Operands: place, map, coordinates (assembly: map,
/// coordinates, place).
static void storeBox(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  auto rank = unsigned(site.config[0]);
  bool isAssembly = site.config[2];
  Box box = readBox(machine, site, args[isAssembly ? 0 : 1], rank,
                    args + (isAssembly ? 1 : 2));
  uint64_t from = machine.sharedAddress(args[isAssembly ? 1 + rank : 0]);
  Machine::Access access;
  access.align = boxAlign(box.map);
  access.engine = machine.clocks.copyEngine(machine.thread->agent);
  access.time = machine.clocks.now(access.engine);
  if (!checkSource(machine, site, box, /*isWrite=*/true) ||
      !machine.checkShared(site, from, box.bytes(), access))
    machine.abandon();
  ++machine.counters.tensorCopies;
  machine.defer(machine.thread->bulkStores, [box, from] {
    for (uint32_t element = 0; element < box.elements(); ++element)
      if (uint64_t to = box.addressOf(element))
        std::memcpy(reinterpret_cast<void *>(to),
                    reinterpret_cast<const void *>(box.placeOf(from, element)),
                    box.map.elementBytes);
  });
}

static constexpr uint32_t bulkAlign = 16;

/// Reports sizes that are no multiple of 16.
static uint32_t bulkBytes(Machine &machine, const Site &site, Slot bytes) {
  if (uint32_t(bytes) % bulkAlign != 0) {
    machine.report(FindingKind::Misuse, &site,
                   "expected a bulk copy of a multiple of 16 bytes, found " +
                       llvm::Twine(uint32_t(bytes)));
    machine.abandon();
  }
  return uint32_t(bytes);
}

/// Operands: place, barrier, source, bytes; config[0]: assembly has the barrier
/// last.
static void loadRange(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  bool isAssembly = site.config[0];
  uint64_t from = args[isAssembly ? 1 : 2];
  uint32_t bytes = bulkBytes(machine, site, args[isAssembly ? 2 : 3]);
  uint64_t to = machine.sharedAddress(args[0]);
  Machine::Access access;
  access.align = bulkAlign;
  if (!machine.checkGlobal(site, from, bytes, access))
    machine.abandon();
  copyToShared(machine, site, to, bytes, bulkAlign,
               machine.sharedAddress(args[isAssembly ? 3 : 1]), [=] {
                 std::memcpy(reinterpret_cast<void *>(to),
                             reinterpret_cast<const void *>(from), bytes);
               });
}

/// Operands: target, source, bytes.
static void storeRange(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  uint32_t bytes = bulkBytes(machine, site, args[2]);
  uint64_t to = args[0], from = machine.sharedAddress(args[1]);
  Machine::Access target, source;
  target.isWrite = true;
  target.align = source.align = bulkAlign;
  source.engine = machine.clocks.copyEngine(machine.thread->agent);
  source.time = machine.clocks.now(source.engine);
  if (!machine.checkGlobal(site, to, bytes, target) ||
      !machine.checkShared(site, from, bytes, source))
    machine.abandon();
  machine.defer(machine.thread->bulkStores, [=] {
    std::memcpy(reinterpret_cast<void *>(to),
                reinterpret_cast<const void *>(from), bytes);
  });
}

static void commitStores(const Site &, Slot *, const Slot *) {
  Machine &machine = Machine::current();
  machine.commitCopies(machine.thread->bulkStores);
}

/// Also of the form that only waits for the reads: stores are done at once with
/// them.
static void waitStores(const Site &, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  machine.waitCopies(machine.thread->bulkStores, uint32_t(args[0]));
}

static void ignore(const Site &, Slot *, const Slot *) {}

/// "tile.2d" at the end of intrinsics, "2d" in assembly; 0 for other modes.
static int32_t parseRank(llvm::StringRef name) {
  llvm::SmallVector<llvm::StringRef> parts;
  name.split(parts, '.');
  if (llvm::is_contained(parts, "im2col"))
    return 0;
  for (llvm::StringRef part : parts)
    if (part.size() == 2 && part[1] == 'd' && part[0] >= '1' && part[0] <= '5')
      return part[0] - '0';
  return 0;
}

static bool matchTensor(llvm::StringRef name, Site &site) {
  if (name.starts_with("prefetch")) {
    site.handler = ignore;
    return true;
  }
  int32_t rank = parseRank(name);
  if (!rank || name.contains("reduce") || name.contains("gather") ||
      name.contains("scatter"))
    return false;
  bool isAssembly = name.contains("::");
  if (name.starts_with("g2s.cta") && !isAssembly) {
    // No mask among its operands.
    site.config = {rank, 0, 0};
    site.handler = loadBox;
    return true;
  }
  bool isLoad =
      isAssembly ? name.contains(".global.mbarrier") : name.starts_with("g2s");
  bool isStore = isAssembly ? name.contains("global.shared::cta")
                            : name.starts_with("s2g");
  if (!isLoad && !isStore)
    return false;
  site.config = {rank, !isAssembly || name.contains("multicast"), isAssembly};
  site.handler = isLoad ? loadBox : storeBox;
  return true;
}

bool nncgpu::matchTensorCopies(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (!name.consume_front("cp.async.bulk."))
    return false;
  if (name.consume_front("tensor."))
    return matchTensor(name, site);
  if (name == "commit.group" || name == "commit_group")
    site.handler = commitStores;
  else if (name.starts_with("wait.group") || name.starts_with("wait_group"))
    site.handler = waitStores;
  else if (name.starts_with("prefetch"))
    site.handler = ignore;
  else if (name == "global.to.shared.cluster" || name == "global.to.shared.cta")
    site.handler = loadRange;
  else if (name.starts_with("shared::c") && name.contains("mbarrier")) {
    site.handler = loadRange;
    site.config = {1};
  } else if (name == "shared.cta.to.global" ||
             name.starts_with("global.shared::cta"))
    site.handler = storeRange;
  return site.handler != nullptr;
}
