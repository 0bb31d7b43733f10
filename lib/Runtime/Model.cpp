//===----------------------------------------------------------------------===//
// Models: from a shared library or from tables in the program. Calls on a model
// from a library go to the library's own runtime.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"
#include "nnc/Runtime/nnc_weights.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace nncrt;

/// `weightsPath`: as of nnc_model_open_weights.
static nnc_status makeModel(void *handle, const nncrt_library *library,
                            const nncrt_model *tables, const char *weightsPath,
                            nnc_model **model, nnc_error *error) {
  if (weightsPath && !hasWeightsFile(*tables))
    return report(error, NNC_INVALID_ARGUMENT,
                  "the file of weights '%s' has no use: the model has its "
                  "weights inside, or none",
                  weightsPath);
  auto *fresh = static_cast<nnc_model *>(malloc(sizeof(nnc_model)));
  if (!fresh)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a model");
  *fresh = {handle, library, tables, {}, {}};
  if (hasWeightsFile(*tables)) {
    if (nnc_status status = mapWeights(*tables, weightsPath, fresh->complete,
                                       fresh->weights, error)) {
      free(fresh);
      return status;
    }
    fresh->tables = &fresh->complete;
  }
  *model = fresh;
  return succeed(error);
}

nnc_status nncrt_model_wrap(const nncrt_model *tables, nnc_model **model,
                            nnc_error *error) {
  if (!model)
    return report(error, NNC_INVALID_ARGUMENT,
                  "the place for the model is a null pointer");
  *model = nullptr;
  const nncrt_model *variant;
  if (nnc_status status =
          nncrt_select_variant(tables, nullptr, &variant, error))
    return status;
  return makeModel(nullptr, nullptr, variant, nullptr, model, error);
}

/// Is there a file that can be read? The dynamic linker's own message does not
/// tell this from a file of another kind.
static nnc_status checkFile(const char *path, nnc_error *error) {
  struct stat info;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 || fstat(file, &info) != 0) {
    char text[128];
    const char *reason = strerror_r(errno, text, sizeof text);
    if (file >= 0)
      close(file);
    return report(error, NNC_IO_ERROR, "cannot open '%s': %s", path, reason);
  }
  close(file);
  if (!S_ISREG(info.st_mode))
    return report(error, NNC_IO_ERROR, "cannot open '%s': not a file", path);
  return NNC_OK;
}

/// Looks for the table in an open library and checks it.
static nnc_status checkLibrary(const char *path, void *handle,
                               const nncrt_library *&library,
                               nnc_error *error) {
  library =
      static_cast<const nncrt_library *>(dlsym(handle, NNCRT_LIBRARY_SYMBOL));
  if (!library)
    return report(error, NNC_INVALID_MODEL,
                  "'%s' is not a compiled model: it has no symbol '%s'", path,
                  NNCRT_LIBRARY_SYMBOL);
  if (library->magic != NNCRT_MAGIC)
    return report(error, NNC_INVALID_MODEL,
                  "'%s' is not a compiled model: expects the mark 0x%x but got "
                  "0x%x",
                  path, NNCRT_MAGIC, library->magic);
  if (library->abi_version != NNCRT_ABI_VERSION)
    return report(error, NNC_INVALID_MODEL,
                  "'%s' has ABI version %u but this program opens %d; compile "
                  "the model again",
                  path, library->abi_version, NNCRT_ABI_VERSION);
  if (!library->model || !library->context_create ||
      !library->context_destroy || !library->context_run ||
      !library->context_set_profile || !library->context_bytes ||
      !library->workspace_bytes)
    return report(error, NNC_INVALID_MODEL, "'%s' has an incomplete table",
                  path);
  return NNC_OK;
}

static nnc_status openPath(const char *path, const char *target,
                           const char *weightsPath, nnc_model **model,
                           nnc_error *error) {
  if (nnc_status status = checkFile(path, error))
    return status;
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    return report(error, NNC_INVALID_MODEL, "'%s' is not a compiled model: %s",
                  path, reason ? reason : "not a shared library");
  }
  const nncrt_library *library;
  const nncrt_model *variant = nullptr;
  nnc_status status = checkLibrary(path, handle, library, error);
  if (status == NNC_OK)
    status = nncrt_select_variant(library->model, target, &variant, error);
  if (status == NNC_OK)
    status = makeModel(handle, library, variant, weightsPath, model, error);
  if (status != NNC_OK)
    dlclose(handle);
  return status;
}

nnc_status nnc_model_open(const char *path, nnc_model **model,
                          nnc_error *error) {
  return nnc_model_open_variant(path, nullptr, model, error);
}

nnc_status nnc_model_open_variant(const char *path, const char *target,
                                  nnc_model **model, nnc_error *error) {
  return nnc_model_open_weights(path, target, nullptr, model, error);
}

nnc_status nnc_model_open_weights(const char *path, const char *target,
                                  const char *weightsPath, nnc_model **model,
                                  nnc_error *error) {
  if (!path || !*path || !model)
    return report(error, NNC_INVALID_ARGUMENT,
                  "expects a path and a place for the model but got a null "
                  "pointer or an empty path");
  *model = nullptr;
  if (strchr(path, '/'))
    return openPath(path, target, weightsPath, model, error);
  // A bare name would be searched in the folders of system libraries.
  size_t bytes = strlen(path) + sizeof "./";
  auto *local = static_cast<char *>(malloc(bytes));
  if (!local)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a path");
  snprintf(local, bytes, "./%s", path);
  nnc_status status = openPath(local, target, weightsPath, model, error);
  free(local);
  return status;
}

void nnc_model_close(nnc_model *model) {
  if (!model)
    return;
  model->weights.release();
  if (model->handle)
    dlclose(model->handle);
  free(model);
}

size_t nnc_model_num_entries(const nnc_model *model) {
  return model ? static_cast<size_t>(model->tables->num_entries) : 0;
}

const nnc_signature *nnc_model_signature(const nnc_model *model, size_t entry) {
  if (entry >= nnc_model_num_entries(model))
    return nullptr;
  return &model->tables->entries[entry].signature;
}

const char *nnc_model_target(const nnc_model *model) {
  return model ? model->tables->target : nullptr;
}

const char *nnc_model_signature_json(const nnc_model *model) {
  return model ? model->tables->signature_json : nullptr;
}

nnc_status nnc_workspace_bytes(const nnc_model *model, size_t entry,
                               const nnc_value *inputs, size_t numInputs,
                               int32_t threads, size_t *bytes,
                               nnc_error *error) {
  if (!model)
    return report(error, NNC_INVALID_ARGUMENT, "the model is a null pointer");
  auto *function =
      model->library ? model->library->workspace_bytes : nncrt_workspace_bytes;
  return function(model->tables, entry, inputs, numInputs, threads, bytes,
                  error);
}

nnc_status nnc_context_create(const nnc_model *model,
                              const nnc_context_options *options,
                              nnc_context **context, nnc_error *error) {
  if (!model || !context)
    return report(error, NNC_INVALID_ARGUMENT,
                  "the model or the place for the context is a null pointer");
  if (!model->library)
    return nncrt_context_create(model->tables, options, context, error);
  *context = nullptr;
  void *memory = nullptr;
  if (posix_memalign(&memory, alignof(nnc_context), sizeof(nnc_context)) != 0)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a context");
  auto *fresh = static_cast<nnc_context *>(memory);
  *fresh = nnc_context();
  fresh->library = model->library;
  nnc_status status = model->library->context_create(model->tables, options,
                                                     &fresh->inner, error);
  if (status != NNC_OK) {
    free(fresh);
    return status;
  }
  *context = fresh;
  return NNC_OK;
}
