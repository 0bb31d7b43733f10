// Counts what a warm context asks of the allocator and of the system for
// memory.
#define _GNU_SOURCE
#include "m.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
static atomic_long count;

void *malloc(size_t bytes) { return ++count, __libc_malloc(bytes); }
void *calloc(size_t n, size_t bytes) {
  return ++count, __libc_calloc(n, bytes);
}
void *realloc(void *old, size_t bytes) {
  return ++count, __libc_realloc(old, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  return ++count, __libc_memalign(alignment, bytes);
}
int posix_memalign(void **result, size_t alignment, size_t bytes) {
  *result = (++count, __libc_memalign(alignment, bytes));
  return *result ? 0 : ENOMEM;
}
void *mmap(void *at, size_t bytes, int protection, int flags, int file,
           off_t offset) {
  ++count;
  return (void *)syscall(SYS_mmap, at, bytes, protection, flags, file, offset);
}

static nnc_value makeInput(const nnc_value_info *info, int64_t size) {
  nnc_value value = {
      .kind = info->kind, .type = info->type, .rank = info->rank};
  size_t elements = 1;
  for (int i = 0; i < info->rank; ++i) {
    value.dims[i] = info->dims[i] < 0 ? size : info->dims[i];
    elements *= (size_t)value.dims[i];
  }
  size_t width = info->type == NNC_INT64 ? 8 : 4;
  value.bytes = elements * width;
  value.data = calloc(elements + 1, width);
  for (size_t i = 0; i < elements && info->type == NNC_FLOAT32; ++i)
    ((float *)value.data)[i] = (float)(i % 5);
  return value;
}

static int fail(const nnc_error *error) { return puts(error->message), 1; }

int main(int argc, char **argv) {
  nnc_context *context;
  nnc_error error;
  nnc_context_options options = {.struct_size = sizeof options,
                                 .threads = argc > 1 ? atoi(argv[1]) : 1};
  const nnc_signature *signature = m_signature();
  nnc_value inputs[2][8], outputs[8];
  for (size_t i = 0; i < signature->num_inputs; ++i)
    for (int k = 0; k < 2; ++k)
      inputs[k][i] = makeInput(&signature->inputs[i], k ? 7 : 40);
  memset(outputs, 0, sizeof outputs);
  if (m_create(&options, &context, &error))
    return fail(&error);
  long cold = count;
  if (cold == 0)
    return puts("nothing is counted"), 1;
  for (int k = 0; k < 2; ++k) {
    // Two runs for these shapes, then those that are counted: memory of
    // sequences becomes one piece when the second begins.
    long before = 0;
    for (int i = 0; i < 102; ++i) {
      if (m_run(context, inputs[k], signature->num_inputs, outputs,
                signature->num_outputs, &error))
        return fail(&error);
      if (i == 1)
        before = count;
    }
    printf("%ld allocations in 100 runs\n", count - before);
  }
  m_destroy(context);
}
