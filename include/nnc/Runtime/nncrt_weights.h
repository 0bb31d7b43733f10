/*
 * Weights that are not in the artifact: what its tables say of them instead.
 * Not for users (see nnc_weights.h).
 *
 * Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
 */
#ifndef NNC_RUNTIME_NNCRT_WEIGHTS_H
#define NNC_RUNTIME_NNCRT_WEIGHTS_H

#include "nnc/Runtime/nncrt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A bit of nncrt_model::abi_version, so that a runtime which does not know it
 * refuses the model: `weights` points to an nncrt_weights_file. */
#define NNCRT_WEIGHTS_IN_FILE 0x10000u

/* The weights are `weights_bytes` bytes from `offset` on, a multiple of
 * NNCRT_ALIGNMENT, of a safetensors file. */
typedef struct nncrt_weights_file {
  uint64_t file_bytes; /* of the whole file */
  uint64_t hash;       /* XXH64 with seed 0 of the whole file */
  uint64_t offset;
  char name[256]; /* in the folder of the library; NUL-terminated */
} nncrt_weights_file;

#ifdef __cplusplus
}
#endif

#endif /* NNC_RUNTIME_NNCRT_WEIGHTS_H */
