//===----------------------------------------------------------------------===//
// Sequences of a run: immutable lists of tensors, on memory that the context
// keeps from run to run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <stdlib.h>
#include <string.h>

using namespace nncrt;

namespace {
/// A tensor in a list. Lists share it.
struct Item {
  const void *data;
  int32_t rank;
  int64_t dims[NNC_MAX_RANK];
};

/// Places for items that lists with the same beginning share: the list that
/// ends where the places are used up to now may append in place.
struct Places {
  int64_t capacity;
  int64_t used;
  const Item *items[1];
};
} // namespace

struct nncrt_list {
  Places *places;
  int64_t count;
};

//===----------------------------------------------------------------------===//
// The heap of a run
//===----------------------------------------------------------------------===//

struct nncrt::HeapChunk {
  HeapChunk *next;
  size_t bytes; ///< Behind the header.
  size_t used;
  size_t reserved[5];

  uint8_t *data() { return reinterpret_cast<uint8_t *>(this + 1); }
};
static_assert(sizeof(HeapChunk) == NNCRT_ALIGNMENT);

/// The first chunk of a run, in bytes.
static constexpr size_t firstChunk = 4096;

static HeapChunk *makeChunk(size_t bytes, HeapChunk *next) {
  void *memory = nullptr;
  if (bytes > SIZE_MAX - sizeof(HeapChunk) ||
      posix_memalign(&memory, NNCRT_ALIGNMENT, sizeof(HeapChunk) + bytes) != 0)
    return nullptr;
  auto *chunk = static_cast<HeapChunk *>(memory);
  *chunk = HeapChunk();
  chunk->next = next;
  chunk->bytes = bytes;
  return chunk;
}

void nncrt::releaseHeap(HeapChunk *&heap) {
  while (HeapChunk *chunk = heap) {
    heap = chunk->next;
    free(chunk);
  }
}

size_t nncrt::heapBytes(const HeapChunk *heap) {
  size_t bytes = 0;
  for (; heap; heap = heap->next)
    bytes += sizeof(HeapChunk) + heap->bytes;
  return bytes;
}

/// One chunk as large as the last run's together: no allocation once warm.
void nncrt::resetHeap(HeapChunk *&heap) {
  if (!heap)
    return;
  if (heap->next) {
    size_t bytes = 0;
    for (HeapChunk *chunk = heap; chunk; chunk = chunk->next)
      bytes += chunk->bytes;
    releaseHeap(heap);
    heap = makeChunk(bytes, nullptr);
    return;
  }
  heap->used = 0;
}

void *nncrt::allocate(nnc_context &context, int64_t bytes) {
  int64_t rounded;
  if (bytes >= 0 && alignUp(bytes, rounded)) {
    auto wanted = static_cast<size_t>(rounded);
    HeapChunk *&heap = context.heap;
    if (!heap || heap->bytes - heap->used < wanted) {
      size_t fresh = heap ? 2 * heap->bytes : firstChunk;
      if (HeapChunk *chunk = makeChunk(fresh > wanted ? fresh : wanted, heap))
        heap = chunk;
    }
    if (heap && heap->bytes - heap->used >= wanted) {
      void *memory = heap->data() + heap->used;
      heap->used += wanted;
      return memory;
    }
  }
  recordFailure(context, NNC_OUT_OF_MEMORY,
                "no memory for %lld bytes of sequences and strings",
                static_cast<long long>(bytes));
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

static nncrt_list *makeList(nnc_context &context, Places *places,
                            int64_t count) {
  auto *list = static_cast<nncrt_list *>(
      allocate(context, static_cast<int64_t>(sizeof(nncrt_list))));
  if (!list)
    return nullptr;
  list->places = places;
  list->count = count;
  return list;
}

static Places *makePlaces(nnc_context &context, int64_t capacity) {
  int64_t bytes;
  if (__builtin_mul_overflow(capacity, int64_t(sizeof(Item *)), &bytes) ||
      __builtin_add_overflow(bytes, int64_t(sizeof(Places)), &bytes))
    bytes = -1;
  auto *places = static_cast<Places *>(allocate(context, bytes));
  if (!places)
    return nullptr;
  places->capacity = capacity;
  places->used = 0;
  return places;
}

static Item *makeItem(nnc_context &context, const void *data, int32_t rank,
                      const int64_t *dims) {
  auto *item = static_cast<Item *>(
      allocate(context, static_cast<int64_t>(sizeof(Item))));
  if (!item)
    return nullptr;
  item->data = data;
  item->rank = rank;
  for (int32_t axis = 0; axis < rank; ++axis)
    item->dims[axis] = dims[axis];
  return item;
}

/// Bytes of a tensor; records a failure on overflow and returns -1.
static int64_t countBytes(nnc_context &context, int64_t elementBytes,
                          int32_t rank, const int64_t *dims) {
  int64_t bytes = elementBytes;
  bool fits = rank <= NNC_MAX_RANK;
  for (int32_t axis = 0; fits && axis < rank; ++axis)
    fits =
        dims[axis] >= 0 && !__builtin_mul_overflow(bytes, dims[axis], &bytes);
  if (fits)
    return bytes;
  recordFailure(context, NNC_INVALID_VALUE,
                "a tensor of a sequence has a negative dimension or more bytes "
                "than can be counted");
  return -1;
}

/// A position from the front; -1 and a recorded failure if it is not below
/// `places`.
static int64_t findPlace(nnc_context &context, int64_t position, int64_t places,
                         int64_t length) {
  int64_t place = position < 0 ? position + length : position;
  if (place >= 0 && place < places)
    return place;
  recordFailure(context, NNC_INVALID_VALUE,
                "position %lld is outside of a sequence of %lld",
                static_cast<long long>(position),
                static_cast<long long>(length));
  return -1;
}

static bool isGiven(nnc_context &context, const nncrt_list *list) {
  if (list)
    return true;
  recordFailure(context, NNC_INVALID_VALUE,
                "reads an optional value that is absent");
  return false;
}

/// A list with room for one more than `list`, its items up to `end` the same.
static nncrt_list *copyFront(nnc_context &context, const nncrt_list *list,
                             int64_t end) {
  Places *places = makePlaces(context, 2 * list->count + 4);
  if (!places)
    return nullptr;
  for (int64_t i = 0; i < end; ++i)
    places->items[i] = list->places->items[i];
  places->used = end;
  return makeList(context, places, end);
}

void *nncrt_list_create(nnc_context *context) {
  Places *places = makePlaces(*context, 4);
  return places ? makeList(*context, places, 0) : nullptr;
}

int64_t nncrt_list_length(nnc_context *, const void *list) {
  return list ? static_cast<const nncrt_list *>(list)->count : 0;
}

void *nncrt_list_insert(nnc_context *context, const void *source,
                        int64_t position, const void *data,
                        int64_t elementBytes, int32_t rank,
                        const int64_t *dims) {
  auto *list = static_cast<const nncrt_list *>(source);
  if (!isGiven(*context, list))
    return nullptr;
  int64_t place = findPlace(*context, position, list->count + 1, list->count);
  int64_t bytes = countBytes(*context, elementBytes, rank, dims);
  if (place < 0 || bytes < 0)
    return nullptr;
  void *copy = allocate(*context, bytes);
  Item *item = copy ? makeItem(*context, copy, rank, dims) : nullptr;
  if (!item)
    return nullptr;
  if (bytes && !context->isQuery)
    memcpy(copy, data, static_cast<size_t>(bytes));
  Places *places = list->places;
  if (place == list->count && places->used == list->count &&
      places->used < places->capacity) {
    places->items[places->used++] = item;
    return makeList(*context, places, list->count + 1);
  }
  nncrt_list *result = copyFront(*context, list, place);
  if (!result)
    return nullptr;
  result->places->items[place] = item;
  for (int64_t i = place; i < list->count; ++i)
    result->places->items[i + 1] = places->items[i];
  result->count = result->places->used = list->count + 1;
  return result;
}

void *nncrt_list_erase(nnc_context *context, const void *source,
                       int64_t position) {
  auto *list = static_cast<const nncrt_list *>(source);
  if (!isGiven(*context, list))
    return nullptr;
  int64_t place = findPlace(*context, position, list->count, list->count);
  if (place < 0)
    return nullptr;
  // Without its last item a list is a beginning of what it was.
  if (place == list->count - 1)
    return makeList(*context, list->places, place);
  nncrt_list *result = copyFront(*context, list, place);
  if (!result)
    return nullptr;
  for (int64_t i = place + 1; i < list->count; ++i)
    result->places->items[i - 1] = list->places->items[i];
  result->count = result->places->used = list->count - 1;
  return result;
}

void *nncrt_list_at(nnc_context *context, const void *source, int64_t position,
                    int32_t rank, int64_t *dims) {
  auto *list = static_cast<const nncrt_list *>(source);
  if (!isGiven(*context, list))
    return nullptr;
  int64_t place = findPlace(*context, position, list->count, list->count);
  if (place < 0)
    return nullptr;
  const Item &item = *list->places->items[place];
  bool fits = item.rank == rank;
  for (int32_t axis = 0; fits && axis < rank; ++axis) {
    fits = dims[axis] < 0 || dims[axis] == item.dims[axis];
    dims[axis] = item.dims[axis];
  }
  if (fits)
    return const_cast<void *>(item.data);
  recordFailure(*context, NNC_INVALID_VALUE,
                "element %lld of a sequence has another shape than the model "
                "expects",
                static_cast<long long>(place));
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Joining
//===----------------------------------------------------------------------===//

namespace {
/// How the elements of a list make one tensor.
struct Join {
  int32_t axis;
  bool isNew;
  int32_t rank; ///< Of an element.

  /// The axis of an element that is axis `resultAxis` of the result.
  int32_t elementAxis(int32_t resultAxis) const {
    return isNew && resultAxis > axis ? resultAxis - 1 : resultAxis;
  }
};
} // namespace

/// Sets `dims`, of the result, where they are -1; false if elements differ.
static bool joinDims(const nncrt_list &list, const Join &join, int64_t *dims) {
  int32_t rank = join.rank + join.isNew;
  int64_t along = join.isNew ? list.count : 0;
  for (int64_t i = 0; i < list.count; ++i) {
    const Item &item = *list.places->items[i];
    if (item.rank != join.rank)
      return false;
    for (int32_t axis = 0; axis < rank; ++axis) {
      int64_t size = item.dims[join.elementAxis(axis)];
      if (axis != join.axis) {
        if (dims[axis] >= 0 && dims[axis] != size)
          return false;
        dims[axis] = size;
      } else if (!join.isNew && __builtin_add_overflow(along, size, &along)) {
        return false;
      }
    }
  }
  for (int32_t axis = 0; axis < rank; ++axis)
    if (dims[axis] < 0 && axis != join.axis)
      dims[axis] = 0;
  if (dims[join.axis] >= 0 && dims[join.axis] != along)
    return false;
  dims[join.axis] = along;
  return true;
}

void *nncrt_list_join(nnc_context *context, const void *source, int32_t axis,
                      int32_t isNew, int64_t elementBytes, int32_t rank,
                      int64_t *dims) {
  auto *list = static_cast<const nncrt_list *>(source);
  if (!isGiven(*context, list))
    return nullptr;
  Join join{axis, isNew != 0, rank};
  if (!joinDims(*list, join, dims)) {
    recordFailure(*context, NNC_INVALID_VALUE,
                  "elements of a sequence have shapes that do not make one "
                  "tensor");
    return nullptr;
  }
  int64_t bytes = countBytes(*context, elementBytes, rank + join.isNew, dims);
  auto *result =
      bytes < 0 ? nullptr : static_cast<uint8_t *>(allocate(*context, bytes));
  if (!result || bytes == 0 || context->isQuery)
    return result;
  // A run of bytes for each element and each position before the axis.
  int64_t outer = 1, inner = elementBytes;
  for (int32_t i = 0; i < axis; ++i)
    outer *= dims[i];
  for (int32_t i = axis + 1; i < rank + join.isNew; ++i)
    inner *= dims[i];
  int64_t row = dims[axis] * inner, offset = 0;
  for (int64_t i = 0; i < list->count; ++i) {
    const Item &item = *list->places->items[i];
    int64_t own = (join.isNew ? 1 : item.dims[axis]) * inner;
    for (int64_t o = 0; own && o < outer; ++o)
      memcpy(result + o * row + offset,
             static_cast<const uint8_t *>(item.data) + o * own,
             static_cast<size_t>(own));
    offset += own;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Inputs and outputs
//===----------------------------------------------------------------------===//

void *nncrt_input_list(nnc_context *context, int32_t index) {
  const nnc_value &value = context->inputs[index];
  if (value.kind == NNC_ABSENT)
    return nullptr;
  bool isOne = value.kind == NNC_TENSOR;
  int64_t count = isOne ? 1 : value.dims[0];
  const auto *elements =
      isOne ? &value : static_cast<const nnc_value *>(value.data);
  Places *places = makePlaces(*context, count + 1);
  if (!places)
    return nullptr;
  for (int64_t i = 0; i < count; ++i) {
    const nnc_value &element = elements[i];
    const void *data = element.data ? element.data : context->dummy;
    Item *item = makeItem(*context, data, element.rank, element.dims);
    if (!item)
      return nullptr;
    places->items[i] = item;
  }
  places->used = count;
  return makeList(*context, places, count);
}

int32_t nncrt_output_list(nnc_context *context, int32_t index,
                          const void *source) {
  if (context->isQuery)
    return NNC_OK;
  const nnc_value_info &info = context->entry->signature.outputs[index];
  auto *list = static_cast<const nncrt_list *>(source);
  nnc_value &value = context->outputs[index];
  value = nnc_value();
  if (!list)
    return NNC_OK;
  auto *elements = static_cast<nnc_value *>(
      allocate(*context, (list->count + 1) * int64_t(sizeof(nnc_value))));
  if (!elements)
    return context->status;
  for (int64_t i = 0; i < list->count; ++i) {
    const Item &item = *list->places->items[i];
    elements[i] = nnc_value();
    elements[i].kind = NNC_TENSOR;
    elements[i].type = info.type;
    elements[i].rank = item.rank;
    for (int32_t axis = 0; axis < item.rank; ++axis)
      elements[i].dims[axis] = item.dims[axis];
    elements[i].data = const_cast<void *>(item.data);
    elements[i].bytes = static_cast<size_t>(valueBytes(elements[i]));
  }
  if (info.kind == NNC_TENSOR) {
    value = elements[0];
    return NNC_OK;
  }
  value.kind = NNC_SEQUENCE;
  value.type = info.type;
  value.rank = 1;
  value.dims[0] = list->count;
  value.data = elements;
  value.bytes = static_cast<size_t>(list->count) * sizeof(nnc_value);
  return NNC_OK;
}
