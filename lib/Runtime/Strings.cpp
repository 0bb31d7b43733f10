//===----------------------------------------------------------------------===//
// Strings of a run: kernels move numbers that stand for them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <string.h>

using namespace nncrt;

namespace {
/// Bytes that belong to an input or to a constant, valid for the run.
struct Text {
  const char *data;
  int64_t length;
};
} // namespace

/// An open hash table; a place holds the number of a string, or 0: the empty
/// string, number 0, needs none.
struct nncrt::StringTable {
  Text *texts;
  int64_t *places;
  int64_t count;    ///< Of numbers given, with 0.
  int64_t capacity; ///< Of places, a power of two, at least twice `count`.
};

/// Places of the first table.
static constexpr int64_t firstCapacity = 64;

static uint64_t hashText(const Text &text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (int64_t i = 0; i < text.length; ++i)
    hash = (hash ^ static_cast<uint8_t>(text.data[i])) * 0x100000001b3u;
  return hash ^ (hash >> 32);
}

static bool isSame(const Text &a, const Text &b) {
  return a.length == b.length &&
         memcmp(a.data, b.data, static_cast<size_t>(a.length)) == 0;
}

/// The place where `text` is or belongs.
static int64_t &findPlace(StringTable &table, const Text &text) {
  uint64_t mask = static_cast<uint64_t>(table.capacity) - 1;
  for (uint64_t at = hashText(text);; ++at) {
    int64_t &place = table.places[at & mask];
    if (place == 0 || isSame(table.texts[place], text))
      return place;
  }
}

/// Room for one more string; false without memory.
static bool grow(nnc_context &context, StringTable &table) {
  if (2 * (table.count + 1) <= table.capacity)
    return true;
  StringTable larger = table;
  larger.capacity = table.capacity ? 2 * table.capacity : firstCapacity;
  int64_t placeBytes, textBytes;
  if (__builtin_mul_overflow(larger.capacity, int64_t(sizeof(int64_t)),
                             &placeBytes) ||
      __builtin_mul_overflow(larger.capacity, int64_t(sizeof(Text)),
                             &textBytes))
    placeBytes = textBytes = -1;
  larger.places = static_cast<int64_t *>(allocate(context, placeBytes));
  larger.texts = larger.places
                     ? static_cast<Text *>(allocate(context, textBytes / 2))
                     : nullptr;
  if (!larger.texts)
    return false;
  memset(larger.places, 0, static_cast<size_t>(placeBytes));
  larger.texts[0] = {"", 0};
  for (int64_t number = 1; number < table.count; ++number) {
    larger.texts[number] = table.texts[number];
    findPlace(larger, table.texts[number]) = number;
  }
  table = larger;
  return true;
}

/// -1 and a recorded failure without memory.
static int64_t numberText(nnc_context &context, const Text &text) {
  if (text.length == 0)
    return 0;
  StringTable &table = *context.strings;
  if (!grow(context, table))
    return -1;
  int64_t &place = findPlace(table, text);
  if (place == 0) {
    place = table.count++;
    table.texts[place] = text;
  }
  return place;
}

static bool makeTable(nnc_context &context) {
  if (context.strings)
    return true;
  auto *table = static_cast<StringTable *>(
      allocate(context, static_cast<int64_t>(sizeof(StringTable))));
  if (!table)
    return false;
  *table = {nullptr, nullptr, 1, 0};
  context.strings = table;
  return true;
}

void *nncrt_strings(nnc_context *context, const void *data, int64_t count) {
  int64_t bytes;
  if (__builtin_mul_overflow(count, int64_t(sizeof(int64_t)), &bytes))
    bytes = -1;
  auto *numbers = static_cast<int64_t *>(allocate(*context, bytes));
  if (!numbers || !makeTable(*context))
    return nullptr;
  auto *offsets = static_cast<const int64_t *>(data);
  auto *characters = reinterpret_cast<const char *>(offsets + count + 1);
  for (int64_t i = 0; i < count; ++i) {
    numbers[i] = numberText(
        *context, {characters + offsets[i], offsets[i + 1] - offsets[i]});
    if (numbers[i] < 0)
      return nullptr;
  }
  return numbers;
}

nnc_status nncrt::checkStrings(const nnc_value_info &info,
                               const nnc_value &value, int64_t count,
                               nnc_error *error) {
  if (reinterpret_cast<uintptr_t>(value.data) % sizeof(int64_t))
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects data aligned to its offsets of %zu "
                  "bytes but got the address %p",
                  info.name, sizeof(int64_t), value.data);
  size_t places = value.bytes / sizeof(int64_t);
  if (static_cast<uint64_t>(count) >= places)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': %lld strings need as many offsets and one, but "
                  "'bytes' is %zu",
                  info.name, static_cast<long long>(count), value.bytes);
  auto *offsets = static_cast<const int64_t *>(value.data);
  auto last = static_cast<uint64_t>(count);
  size_t room = value.bytes - (last + 1) * sizeof(int64_t);
  bool isOrdered = offsets[0] == 0;
  for (uint64_t i = 0; i < last; ++i)
    isOrdered &= offsets[i] <= offsets[i + 1];
  if (!isOrdered)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': expects offsets of strings that ascend from 0",
                  info.name);
  if (static_cast<uint64_t>(offsets[last]) > room)
    return report(error, NNC_INVALID_ARGUMENT,
                  "input '%s': its strings need %lld bytes behind the offsets "
                  "but 'bytes' leaves %zu",
                  info.name, static_cast<long long>(offsets[last]), room);
  return NNC_OK;
}

nnc_status nncrt::finishStrings(nnc_context &context, size_t index) {
  nnc_value &value = context.outputs[index];
  auto *numbers = static_cast<const int64_t *>(value.data);
  int64_t bytes;
  if (!numbers || !tensorBytes(value.type, value.rank, value.dims, bytes))
    return recordFailure(context, NNC_INTERNAL_ERROR,
                         "an output of strings has not been computed");
  int64_t count = bytes / int64_t(sizeof(int64_t)), known = 1;
  static const Text empty = {"", 0};
  const Text *texts = &empty;
  if (context.strings && context.strings->texts) {
    texts = context.strings->texts;
    known = context.strings->count;
  }
  bool fits = !__builtin_add_overflow(bytes, int64_t(sizeof(int64_t)), &bytes);
  for (int64_t i = 0; fits && i < count; ++i) {
    if (numbers[i] < 0 || numbers[i] >= known)
      return recordFailure(context, NNC_INTERNAL_ERROR,
                           "an output has a string that is not known");
    fits = !__builtin_add_overflow(bytes, texts[numbers[i]].length, &bytes);
  }
  Block &block = context.owned[index];
  if (!fits || !block.reserve(static_cast<size_t>(bytes), false))
    return recordFailure(context, NNC_OUT_OF_MEMORY,
                         "output '%s': no memory for its strings",
                         context.entry->signature.outputs[index].name);
  auto *offsets = reinterpret_cast<int64_t *>(block.data);
  auto *characters = reinterpret_cast<char *>(offsets + count + 1);
  offsets[0] = 0;
  for (int64_t i = 0; i < count; ++i) {
    const Text &text = texts[numbers[i]];
    memcpy(characters + offsets[i], text.data,
           static_cast<size_t>(text.length));
    offsets[i + 1] = offsets[i] + text.length;
  }
  value.data = block.data;
  value.bytes = static_cast<size_t>(bytes);
  return NNC_OK;
}
