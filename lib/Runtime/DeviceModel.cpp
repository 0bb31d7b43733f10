//===----------------------------------------------------------------------===//
// Models on a GPU: loaded by their first context, shared by all others.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <pthread.h>
#include <stdlib.h>

using namespace nncrt;

/// All models that are loaded, so that contexts find each other's.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static DeviceModel *models = nullptr;

/// Can a GPU of this capability run the code?
static nnc_status checkCapability(const nncrt_device &device, int capability,
                                  nnc_error *error) {
  bool fits = device.is_exact ? capability == device.capability
                              : capability >= device.capability;
  if (fits)
    return NNC_OK;
  return report(error, NNC_NO_DEVICE,
                "the model is for GPUs of compute capability %d.%d%s, but this "
                "one has %d.%d",
                device.capability / 10, device.capability % 10,
                device.is_exact ? " alone" : " or more", capability / 10,
                capability % 10);
}

nnc_status nncrt::checkDevice(const nncrt_model *tables, nnc_error *error) {
  cuda::Driver driver;
  if (nnc_status status = cuda::openDriver(driver, error))
    return status;
  return checkCapability(*tables->device, driver.capability, error);
}

static nnc_status fail(const DeviceModel &model, const char *what,
                       cuda::Result result, nnc_error *error) {
  return report(error, NNC_DEVICE_ERROR, "the GPU can't %s: %s", what,
                cuda::ResultText(model.driver, result).text);
}

/// The first image that the driver takes.
static nnc_status loadModule(DeviceModel &model, nnc_error *error) {
  const nncrt_device &device = *model.tables->device;
  char log[512] = "";
  cuda::Result result = 0;
  for (int32_t i = 0; i < device.num_images; ++i) {
    int names[] = {cuda::jitErrorLog, cuda::jitErrorLogBytes};
    void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
    result = model.driver.moduleLoad(&model.module, device.images[i].data, 2,
                                     names, values);
    if (result == 0)
      return NNC_OK;
  }
  model.module = nullptr;
  return report(error, NNC_DEVICE_ERROR,
                "the GPU's driver takes none of the model's %d images: %s %s",
                device.num_images, cuda::ResultText(model.driver, result).text,
                log);
}

static cuda::Result findPhase(DeviceModel &model, const nncrt_device_phase &row,
                              cuda::Function &function) {
  if (cuda::Result result =
          model.driver.moduleGetFunction(&function, model.module, row.name))
    return result;
  if (row.shared_bytes <= cuda::plainSharedBytes)
    return 0;
  return model.driver.functionSetAttribute(function, cuda::functionSharedBytes,
                                           row.shared_bytes);
}

static nnc_status findPhases(DeviceModel &model, nnc_error *error) {
  const nncrt_model &tables = *model.tables;
  const nncrt_device &device = *tables.device;
  auto count = static_cast<size_t>(device.num_phases);
  auto kernels = static_cast<size_t>(tables.num_kernels);
  model.phases =
      static_cast<cuda::Function *>(calloc(count + 1, sizeof(cuda::Function)));
  model.firstPhase =
      static_cast<int32_t *>(calloc(kernels + 1, sizeof(int32_t)));
  if (!model.phases || !model.firstPhase)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for %zu kernels",
                  kernels);
  for (size_t i = 0; i < count; ++i)
    if (cuda::Result result =
            findPhase(model, device.phases[i], model.phases[i]))
      return report(
          error, NNC_DEVICE_ERROR, "the GPU can't run the kernel '%s': %s",
          device.phases[i].name, cuda::ResultText(model.driver, result).text);
  int32_t next = 0;
  for (size_t i = 0; i < kernels; ++i) {
    model.firstPhase[i] = next;
    next += tables.kernels[i].num_phases;
  }
  return NNC_OK;
}

static nnc_status uploadWeights(DeviceModel &model, nnc_error *error) {
  const nncrt_model &tables = *model.tables;
  size_t bytes = tables.weights_bytes;
  if (bytes == 0)
    return NNC_OK;
  if (cuda::Result result = model.driver.allocate(&model.weights, bytes)) {
    model.weights = 0;
    return report(error, NNC_OUT_OF_MEMORY,
                  "the GPU has no memory for %zu bytes of weights: %s", bytes,
                  cuda::ResultText(model.driver, result).text);
  }
  cuda::Result result = model.driver.copyToDevice(model.weights, tables.weights,
                                                  bytes, /*stream=*/nullptr);
  if (result == 0)
    result = model.driver.streamSynchronize(nullptr);
  return result ? fail(model, "take the weights", result, error) : NNC_OK;
}

/// Frees a model whose GPU's context is current.
static void destroyModel(DeviceModel *model) {
  if (model->weights)
    model->driver.release(model->weights);
  if (model->module)
    model->driver.moduleUnload(model->module);
  cuda::Context current;
  model->driver.contextPop(&current);
  model->driver.contextRelease(model->driver.device);
  free(model->phases);
  free(model->firstPhase);
  free(model);
}

/// What is loaded goes into `model`, which destroyModel frees if this fails.
static nnc_status fillModel(DeviceModel &model, nnc_error *error) {
  if (nnc_status status = loadModule(model, error))
    return status;
  if (nnc_status status = findPhases(model, error))
    return status;
  return uploadWeights(model, error);
}

/// Makes the GPU's context current.
static nnc_status startDevice(DeviceModel &model, nnc_error *error) {
  cuda::Driver &driver = model.driver;
  if (nnc_status status = cuda::openDriver(driver, error))
    return status;
  if (nnc_status status =
          checkCapability(*model.tables->device, driver.capability, error))
    return status;
  cuda::Result result = driver.contextRetain(&model.context, driver.device);
  if (result)
    return fail(model, "be used", result, error);
  result = driver.contextPush(model.context);
  if (result == 0)
    return NNC_OK;
  driver.contextRelease(driver.device);
  return fail(model, "be used", result, error);
}

static nnc_status loadModel(const nncrt_model *tables, DeviceModel *&model,
                            nnc_error *error) {
  auto *fresh = static_cast<DeviceModel *>(calloc(1, sizeof(DeviceModel)));
  if (!fresh)
    return report(error, NNC_OUT_OF_MEMORY, "no memory for a model");
  fresh->tables = tables;
  if (nnc_status status = startDevice(*fresh, error)) {
    free(fresh);
    return status;
  }
  if (nnc_status status = fillModel(*fresh, error)) {
    destroyModel(fresh);
    return status;
  }
  fresh->next = models;
  models = model = fresh;
  return NNC_OK;
}

nnc_status nncrt::acquireDeviceModel(const nncrt_model *tables,
                                     DeviceModel *&model, nnc_error *error) {
  nnc_status status = NNC_OK;
  pthread_mutex_lock(&mutex);
  model = models;
  while (model && model->tables != tables)
    model = model->next;
  if (!model)
    status = loadModel(tables, model, error);
  else if (cuda::Result result = model->driver.contextPush(model->context))
    status = fail(*model, "be used", result, error);
  if (status == NNC_OK)
    ++model->users;
  pthread_mutex_unlock(&mutex);
  return status;
}

void nncrt::releaseDeviceModel(DeviceModel *model) {
  pthread_mutex_lock(&mutex);
  if (--model->users == 0) {
    DeviceModel **place = &models;
    while (*place != model)
      place = &(*place)->next;
    *place = model->next;
    model->driver.contextPush(model->context);
    destroyModel(model);
  }
  pthread_mutex_unlock(&mutex);
}
