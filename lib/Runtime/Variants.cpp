//===----------------------------------------------------------------------===//
// Which of a model's variants this machine runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <string.h>

using namespace nncrt;

/// More than there are targets: a chain that ends in a circle is found.
static constexpr int32_t maxVariants = 64;

/// The name in "TRIPLE NAME", as it was given to the compiler.
static const char *targetName(const nncrt_model &tables) {
  const char *target = tables.target ? tables.target : "";
  const char *space = strrchr(target, ' ');
  return space ? space + 1 : target;
}

static nnc_status checkChain(const nncrt_model *first, nnc_error *error) {
  int32_t count = 0;
  for (const nncrt_model *variant = first; variant; variant = variant->next)
    if (++count > maxVariants)
      return report(error, NNC_INVALID_MODEL,
                    "the model has more than %d variants", maxVariants);
    else if (nnc_status status = checkTables(variant, error))
      return status;
  return count ? NNC_OK : checkTables(first, error);
}

nnc_status nncrt_select_variant(const nncrt_model *first, const char *target,
                                const nncrt_model **selected,
                                nnc_error *error) {
  if (nnc_status status = checkChain(first, error))
    return status;
  nnc_status status = NNC_INVALID_ARGUMENT;
  for (const nncrt_model *variant = first; variant; variant = variant->next) {
    if (target && strcmp(target, targetName(*variant)) != 0)
      continue;
    status = checkCpu(variant, error);
    if (status == NNC_OK && variant->device)
      status = checkDevice(variant, error);
    if (status == NNC_OK) {
      *selected = variant;
      return succeed(error);
    }
  }
  if (status != NNC_INVALID_ARGUMENT)
    return status;
  return report(error, status, "the model has no variant for the target '%s'",
                target);
}
