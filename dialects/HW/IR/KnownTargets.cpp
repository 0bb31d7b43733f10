//===----------------------------------------------------------------------===//
// The table of known machines: a new chip is one row.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/HW/IR/KnownTargets.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace mlir;
using namespace mlir::nnc::hw;

namespace {
/// A row, group by group.
struct Row : TargetDescription {
  explicit Row(const char *name) { this->name = name; }

  /// Vectors: bits, registers, multiply-adds a cycle, cycles of one.
  Row &vectors(unsigned bits, unsigned registers, unsigned ports,
               unsigned latency, FloatInstructions has) {
    vectorBits = bits, vectorRegisters = registers;
    fmaPorts = ports, fmaLatency = latency, instructions = has;
    return *this;
  }
  /// Clock under vector load; GFLOP/s of one core in f32 and, by units for
  /// matrices, in bf16; 10^9 exponentials and divisions a second.
  Row &speed(double clock, double f32, double bf16, double exps,
             double divides) {
    ghz = clock, gflops = f32, matrixGflops = bf16;
    expGops = exps, divideGops = divides;
    return *this;
  }
  /// Caches in KiB, bytes a cycle from the second.
  Row &caches(int64_t first, int64_t second, int64_t third,
              unsigned bytesPerCycle) {
    l1KiB = first, l2KiB = second, l3KiB = third;
    l2BytesPerCycle = bytesPerCycle;
    return *this;
  }
  /// GB/s: second-level cache, last-level cache by one core and by all, memory
  /// by one core and by all.
  Row &bandwidths(double second, double third, double thirdAll, double memory,
                  double memoryAll) {
    l2Gbps = second, l3Gbps = third, l3GbpsAll = thirdAll;
    dramGbps = memory, dramGbpsAll = memoryAll;
    return *this;
  }
  /// Cores, microseconds to start a kernel and to fork and join.
  Row &parallel(unsigned count, double launch, double forkJoin) {
    cores = count, launchUs = launch, forkJoinUs = forkJoin;
    return *this;
  }
  /// Watts at rest, picojoules of an operation, a byte of a cache, one of
  /// memory.
  Row &energy(double watts, double operation, double cache, double memory) {
    idleWatts = watts, flopPj = operation;
    cacheBytePj = cache, dramBytePj = memory;
    return *this;
  }
  /// Threads that share a core: what a further one adds, as a share of what one
  /// does alone.
  Row &sharing(double share) {
    coefficients["sharing"] = share;
    return *this;
  }
  Row &onGpu() {
    gpu = true;
    return *this;
  }
  /// Measured on such a machine: how well that repeats.
  Row &measured(double spread) {
    validated = true, noise = spread;
    return *this;
  }
};

constexpr FloatInstructions avx512{true, true, true}, avx2{true, true, false},
    neon = avx2, simt = avx2, sse41{false, true, false},
    sse2{false, false, false};
} // namespace

// Sources. Where nothing else is said numbers are estimates by class.
//
// znver5: measured on two virtual cores (FMA loop, streaming reads, fork-join
//   of a spinning pool).
// sapphirerapids, emeraldrapids: measured on two virtual cores of an Emerald
//   Rapids by `nnc calibrate-target`; ports and cache sizes by Intel's
//   optimization manual. The last-level cache is shared with other machines of
//   the host: what one of them may count on is entered, not its size. Its two
//   virtual cores are threads of one: together they did 1.6 times the work of
//   one (docs/CostModel.md).
// x86-64-v4, -v3: two FMA ports at 2.5 GHz; servers of several cores.
// x86-64-v2, x86-64: 128 bits without FMA at 2 GHz, two ports.
// neoverse-n1, neoverse-v2: Arm's software optimization guides for ports and
//   latencies; clock, caches and memory of Graviton2 and Graviton4.
// apple-m1: a performance core; clock and memory by Apple, ports and caches by
//   D. Johnson's "Apple M1 Firestorm" notes.
// cortex-a76: Raspberry Pi 5 (BCM2712, 2.4 GHz, LPDDR4X of 32 bits at 4267
//   MT/s, of which programs reach about two thirds).
// a100, h100, h200: NVIDIA's data sheets of the SXM modules, a core is a
//   multiprocessor and its share of the peak; launch as of a stream of kernels.
// rtx5090: NVIDIA's data sheet (170 multiprocessors, 104.8 TFLOP/s in f32, 1792
//   GB/s, of which nine tenths are entered as with the others).
// Energy: power limit over peak where a data sheet has both, 20 to 40 pJ per
//   byte of HBM and LPDDR, 160 of DDR (M. Horowitz, ISSCC 2014).
static const Row table[] = {
    Row("znver5")
        .vectors(512, 32, 2, 4, avx512)
        .speed(3.69, 236, 472, 9.0, 11.0)
        .caches(48, 1024, 32768, 32)
        .bandwidths(119, 106, 200, 40, 42)
        .parallel(2, 0.4, 0.3)
        .energy(0, 20, 10, 160),
    Row("sapphirerapids")
        .vectors(512, 32, 2, 4, avx512)
        .speed(2.6, 166, 0, 5.0, 4.0)
        .caches(48, 2048, 98304, 48)
        .bandwidths(100, 22, 44, 12, 20)
        .parallel(2, 0.05, 1.0)
        .sharing(0.6)
        .energy(0, 33, 10, 160),
    Row("emeraldrapids")
        .vectors(512, 32, 2, 4, avx512)
        .speed(2.6, 166, 0, 5.0, 4.0)
        .caches(48, 2048, 98304, 48)
        .bandwidths(100, 22, 44, 12, 20)
        .parallel(2, 0.05, 1.0)
        .sharing(0.6)
        .energy(0, 33, 10, 160)
        .measured(0.14),
    Row("x86-64-v4")
        .vectors(512, 32, 2, 4, avx512)
        .speed(2.5, 160, 0, 5.0, 4.0)
        .caches(32, 1024, 16384, 32)
        .bandwidths(80, 20, 160, 10, 80)
        .parallel(8, 1.0, 2.0)
        .energy(0, 33, 10, 160),
    Row("x86-64-v3")
        .vectors(256, 16, 2, 4, avx2)
        .speed(2.5, 80, 0, 2.5, 2.5)
        .caches(32, 512, 16384, 32)
        .bandwidths(80, 20, 160, 10, 40)
        .parallel(8, 1.0, 2.0)
        .energy(0, 33, 10, 160),
    Row("x86-64-v2")
        .vectors(128, 16, 2, 8, sse41)
        .speed(2.0, 16, 0, 0.8, 1.0)
        .caches(32, 256, 8192, 32)
        .bandwidths(40, 20, 80, 10, 20)
        .parallel(4, 1.0, 2.0),
    Row("x86-64")
        .vectors(128, 16, 2, 8, sse2)
        .speed(2.0, 16, 0, 0.8, 1.0)
        .caches(32, 256, 8192, 32)
        .bandwidths(40, 20, 80, 10, 20)
        .parallel(4, 1.0, 2.0),
    Row("aarch64")
        .vectors(128, 32, 2, 4, neon)
        .speed(2.0, 32, 0, 1.0, 1.3)
        .caches(32, 512, 8192, 32)
        .bandwidths(40, 20, 80, 10, 20)
        .parallel(4, 1.0, 2.0),
    Row("neoverse-n1")
        .vectors(128, 32, 2, 4, neon)
        .speed(2.5, 40, 0, 1.2, 1.4)
        .caches(64, 1024, 32768, 32)
        .bandwidths(60, 25, 400, 18, 170)
        .parallel(64, 1.0, 2.0)
        .energy(0, 40, 10, 160),
    Row("neoverse-v2")
        .vectors(128, 32, 4, 4, neon)
        .speed(2.8, 89.6, 0, 2.8, 2.8)
        .caches(64, 2048, 36864, 64)
        .bandwidths(120, 40, 1000, 30, 450)
        .parallel(96, 1.0, 2.0)
        .energy(0, 30, 10, 160),
    Row("apple-m1")
        .vectors(128, 32, 4, 4, neon)
        .speed(3.2, 102.4, 0, 3.2, 3.2)
        .caches(128, 12288, 8192, 32)
        .bandwidths(100, 70, 90, 58, 60)
        .parallel(4, 0.5, 1.5)
        .energy(0, 12, 5, 40),
    Row("cortex-a76")
        .vectors(128, 32, 2, 4, neon)
        .speed(2.4, 38.4, 0, 1.1, 1.3)
        .caches(64, 512, 2048, 32)
        .bandwidths(40, 18, 40, 8, 11)
        .parallel(4, 1.5, 3.0)
        .energy(0, 40, 10, 40),
    Row("a100")
        .vectors(1024, 255, 2, 4, simt)
        .speed(1.41, 180.5, 2889, 22.6, 5.6)
        .caches(192, 192, 40960, 64)
        .bandwidths(90, 45, 4800, 25, 1835)
        .parallel(108, 3.0, 0.0)
        .energy(0, 20, 5, 40)
        .onGpu(),
    Row("h100")
        .vectors(1024, 255, 4, 4, simt)
        .speed(1.83, 507, 7492, 29.3, 7.3)
        .caches(256, 256, 51200, 64)
        .bandwidths(117, 42, 5500, 30, 3015)
        .parallel(132, 3.0, 0.0)
        .energy(0, 10, 5, 40)
        .onGpu(),
    Row("h200")
        .vectors(1024, 255, 4, 4, simt)
        .speed(1.83, 507, 7492, 29.3, 7.3)
        .caches(256, 256, 51200, 64)
        .bandwidths(117, 42, 5500, 40, 4320)
        .parallel(132, 3.0, 0.0)
        .energy(0, 10, 5, 40)
        .onGpu(),
    Row("rtx5090")
        .vectors(1024, 255, 4, 4, simt)
        .speed(2.41, 617, 1232, 38.6, 9.6)
        .caches(128, 128, 98304, 64)
        .bandwidths(154, 38, 6000, 20, 1610)
        .parallel(170, 3.0, 0.0)
        .energy(0, 5, 5, 80)
        .onGpu(),
};

const TargetDescription *mlir::nnc::hw::findDescription(StringRef name) {
  const Row *row =
      llvm::find_if(table, [&](const Row &row) { return row.name == name; });
  return row == std::end(table) ? nullptr : row;
}

TargetAttr mlir::nnc::hw::getKnownTarget(MLIRContext *context, StringRef name) {
  const TargetDescription *row = findDescription(name);
  return row ? row->getAttr(context) : TargetAttr();
}

TargetAttr mlir::nnc::hw::findTarget(Operation *op, StringRef name) {
  if (isTargetFile(name)) {
    llvm::Expected<TargetDescription> file = TargetDescription::load(name);
    if (file)
      return file->getAttr(op->getContext());
    op->emitError(llvm::toString(file.takeError()));
    return {};
  }
  TargetAttr target = getKnownTarget(op->getContext(), name);
  if (!target)
    op->emitError("target '") << name << "' is not known; known are "
                              << llvm::join(getKnownTargetNames(), ", ");
  return target;
}

std::optional<FloatInstructions>
mlir::nnc::hw::getFloatInstructions(StringRef name) {
  if (isTargetFile(name)) {
    llvm::Expected<TargetDescription> file = TargetDescription::load(name);
    if (file)
      return file->instructions;
    llvm::consumeError(file.takeError());
    return std::nullopt;
  }
  const TargetDescription *row = findDescription(name);
  return row ? std::optional(row->instructions) : std::nullopt;
}

bool mlir::nnc::hw::isGpuTarget(StringRef name) {
  if (!isTargetFile(name)) {
    const TargetDescription *row = findDescription(name);
    return row && row->gpu;
  }
  llvm::Expected<TargetDescription> file = TargetDescription::load(name);
  if (file)
    return file->gpu;
  llvm::consumeError(file.takeError());
  return false;
}

SmallVector<StringRef> mlir::nnc::hw::getKnownTargetNames() {
  return llvm::map_to_vector(
      table, [](const Row &row) { return StringRef(row.name); });
}

int64_t mlir::nnc::hw::getByteDot(StringRef name) {
  if (llvm::X86::parseArchX86(name) == llvm::X86::CK_None)
    return 1;
  SmallVector<StringRef> features;
  llvm::X86::getFeaturesForCPU(name, features);
  return llvm::is_contained(features, "avx512vnni") ||
                 llvm::is_contained(features, "avxvnni")
             ? 4
             : 2;
}
