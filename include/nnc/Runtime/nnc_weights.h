/*
 * Models whose weights lie in a file of their own: what nnc compile
 * --weights=file writes. nnc_model_open, and PREFIX_create of a library that a
 * program links, look for the file beside the library, under the name that it
 * was written with.
 *
 * Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
 */
#ifndef NNC_RUNTIME_NNC_WEIGHTS_H
#define NNC_RUNTIME_NNC_WEIGHTS_H

#include "nnc/Runtime/nnc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* nnc_model_open_variant with the weights from the file `weights_path`; NULL:
 * beside the library. The file is mapped until the model is closed, and must
 * not change as long. NNC_IO_ERROR: it can not be read; NNC_INVALID_MODEL: by
 * its size or hash it is not the one that was written with the library;
 * NNC_INVALID_ARGUMENT: the library has its weights inside. */
nnc_status nnc_model_open_weights(const char *path, const char *target,
                                  const char *weights_path, nnc_model **model,
                                  nnc_error *error);

#ifdef __cplusplus
}
#endif

#endif /* NNC_RUNTIME_NNC_WEIGHTS_H */
