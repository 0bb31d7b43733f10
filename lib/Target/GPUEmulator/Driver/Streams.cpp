//===----------------------------------------------------------------------===//
// Streams, events and graphs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Driver/State.h"

#include <chrono>

using namespace nncgpu;
using namespace nncgpu::driver;

/// CU_STREAM_LEGACY stands for the null stream.
static constexpr uint64_t legacyStream = 1;

Stream &State::stream(void *handle) {
  if (!handle || reinterpret_cast<uint64_t>(handle) == legacyStream)
    return nullStream;
  return *static_cast<Stream *>(handle);
}

Result State::enqueue(Stream &target, Work work) {
  if (target.capture) {
    target.capture->nodes.push_back(std::move(work));
    return Success;
  }
  // The null stream and streams that block wait for each other.
  auto await = [&](Stream &other) {
    if (!other.work.empty())
      target.work.push_back(
          [this, &other, place = other.added] { return drain(other, place); });
  };
  size_t before = target.work.size();
  if (&target == &nullStream) {
    for (const auto &other : streams)
      if (other->isBlocking)
        await(*other);
  } else if (target.isBlocking) {
    await(nullStream);
  }
  target.work.push_back(std::move(work));
  target.added += target.work.size() - before;
  return settings.isEager ? drain(target) : Success;
}

Result State::drain(Stream &target, uint64_t place) {
  // Waits go back in time only, so a stream that runs is far enough.
  if (target.isRunning)
    return failure;
  target.isRunning = true;
  while (!failure && !target.work.empty() && target.done < place) {
    Work work = std::move(target.work.front());
    target.work.pop_front();
    ++target.done;
    if (Result result = work())
      failure = failure ? failure : result;
  }
  target.isRunning = false;
  return failure;
}

Result State::drainAll() {
  drain(nullStream);
  for (const auto &each : streams)
    drain(*each);
  return failure;
}

/// Waiting for a stream that records breaks the recording.
static Result refuseCapture(const Call &call, Stream &stream) {
  stream.capture->isInvalid = true;
  return call.refuse(CaptureUnsupported, "the stream records a graph");
}

NNC_CU_EXPORT cuStreamCreate(void **stream, unsigned flags) {
  Call call("cuStreamCreate");
  if (call.status())
    return call.status();
  auto created = std::make_unique<Stream>();
  constexpr unsigned nonBlocking = 1;
  created->isBlocking = !(flags & nonBlocking);
  *stream = created.get();
  call.state().streams.insert(std::move(created));
  return Success;
}

NNC_CU_EXPORT cuStreamCreateWithPriority(void **stream, unsigned flags, int) {
  return cuStreamCreate(stream, flags);
}

NNC_CU_EXPORT cuStreamDestroy_v2(void *handle) {
  Call call("cuStreamDestroy");
  State &state = call.state();
  for (auto it = state.streams.begin(); it != state.streams.end(); ++it)
    if (it->get() == handle) {
      // Others may wait for its work.
      Result result = state.drain(**it);
      for (Event *event : state.events)
        if (event->stream == handle)
          event->stream = nullptr;
      state.drainAll();
      state.streams.erase(it);
      return result;
    }
  return call.refuse(InvalidHandle, "no such stream");
}

NNC_CU_EXPORT cuStreamSynchronize(void *handle) {
  Call call("cuStreamSynchronize");
  if (call.status())
    return call.status();
  Stream &stream = call.state().stream(handle);
  if (stream.capture)
    return refuseCapture(call, stream);
  return call.state().drain(stream);
}

NNC_CU_EXPORT cuStreamQuery(void *handle) {
  Call call("cuStreamQuery");
  if (call.status())
    return call.status();
  Stream &stream = call.state().stream(handle);
  if (stream.capture)
    return refuseCapture(call, stream);
  if (stream.work.empty())
    return Success;
  // Who asks again and again gets on.
  call.state().drain(stream, stream.done + 1);
  return call.state().failure ? call.state().failure : NotReady;
}

NNC_CU_EXPORT cuStreamIsCapturing(void *handle, int *status) {
  Call call("cuStreamIsCapturing");
  const auto &capture = call.state().stream(handle).capture;
  *status = !capture ? 0 : capture->isInvalid ? 2 : 1;
  return call.status();
}

NNC_CU_EXPORT cuStreamWaitEvent(void *handle, void *event, unsigned) {
  Call call("cuStreamWaitEvent");
  if (call.status())
    return call.status();
  State &state = call.state();
  Stream &stream = state.stream(handle);
  auto &awaited = *static_cast<Event *>(event);
  if (awaited.capture) {
    // The stream joins the recording; its nodes are in the order of the calls.
    stream.capture = awaited.capture;
    stream.capture->streams.insert(&stream);
    return Success;
  }
  if (stream.capture)
    return refuseCapture(call, stream);
  if (!awaited.stream || awaited.stream->done >= awaited.place)
    return Success;
  return state.enqueue(stream,
                       [&state, other = awaited.stream, place = awaited.place] {
                         return state.drain(*other, place);
                       });
}

NNC_CU_EXPORT cuEventCreate(void **event, unsigned) {
  Call call("cuEventCreate");
  if (call.status())
    return call.status();
  auto *created = new Event;
  call.state().events.insert(created);
  *event = created;
  return Success;
}

NNC_CU_EXPORT cuEventDestroy_v2(void *event) {
  Call call("cuEventDestroy");
  // Work that has still to mark the event holds no pointer to it.
  if (!call.state().events.erase(static_cast<Event *>(event)))
    return call.refuse(InvalidHandle, "no such event");
  delete static_cast<Event *>(event);
  return Success;
}

NNC_CU_EXPORT cuEventRecord(void *handle, void *streamHandle) {
  Call call("cuEventRecord");
  if (call.status())
    return call.status();
  State &state = call.state();
  Stream &stream = state.stream(streamHandle);
  auto *event = static_cast<Event *>(handle);
  event->capture = stream.capture;
  if (stream.capture)
    return Success;
  event->stream = &stream;
  Result result = state.enqueue(stream, [&state, event] {
    if (state.events.count(event))
      event->seconds = std::chrono::duration<double>(
                           std::chrono::steady_clock::now().time_since_epoch())
                           .count();
    return Success;
  });
  event->place = stream.added;
  return result;
}

NNC_CU_EXPORT cuEventSynchronize(void *handle) {
  Call call("cuEventSynchronize");
  if (call.status())
    return call.status();
  auto &event = *static_cast<Event *>(handle);
  if (event.capture)
    return call.refuse(CaptureUnsupported, "the event is part of a graph");
  return event.stream ? call.state().drain(*event.stream, event.place)
                      : Success;
}

NNC_CU_EXPORT cuEventQuery(void *handle) {
  Call call("cuEventQuery");
  if (call.status())
    return call.status();
  auto &event = *static_cast<Event *>(handle);
  if (!event.stream || event.stream->done >= event.place)
    return Success;
  call.state().drain(*event.stream, event.stream->done + 1);
  return call.state().failure ? call.state().failure : NotReady;
}

NNC_CU_EXPORT cuEventElapsedTime(float *milliseconds, void *from, void *to) {
  Call call("cuEventElapsedTime");
  if (call.status())
    return call.status();
  for (void *handle : {from, to}) {
    auto &event = *static_cast<Event *>(handle);
    if (event.stream && event.stream->done < event.place)
      return NotReady;
  }
  *milliseconds = float(1e3 * (static_cast<Event *>(to)->seconds -
                               static_cast<Event *>(from)->seconds));
  return Success;
}

NNC_CU_EXPORT cuStreamBeginCapture_v2(void *handle, int) {
  Call call("cuStreamBeginCapture");
  if (call.status())
    return call.status();
  Stream &stream = call.state().stream(handle);
  if (&stream == &call.state().nullStream)
    return call.refuse(CaptureUnsupported, "the null stream can't be recorded");
  if (stream.capture)
    return refuseCapture(call, stream);
  stream.capture = std::make_shared<Graph>();
  stream.capture->streams.insert(&stream);
  return Success;
}

NNC_CU_EXPORT cuStreamEndCapture(void *handle, void **graph) {
  Call call("cuStreamEndCapture");
  *graph = nullptr;
  if (call.status())
    return call.status();
  Stream &stream = call.state().stream(handle);
  std::shared_ptr<Graph> capture = stream.capture;
  if (!capture)
    return call.refuse(InvalidValue, "the stream records no graph");
  for (Stream *each : capture->streams)
    each->capture.reset();
  for (Event *event : call.state().events)
    if (event->capture == capture)
      event->capture.reset();
  if (capture->isInvalid)
    return CaptureInvalidated;
  *graph = new Graph{capture->nodes, {}, false};
  return Success;
}

NNC_CU_EXPORT cuGraphInstantiateWithFlags(void **exec, void *graph,
                                          unsigned long long) {
  Call call("cuGraphInstantiate");
  if (call.status())
    return call.status();
  *exec = new Graph(*static_cast<Graph *>(graph));
  return Success;
}

NNC_CU_EXPORT cuGraphUpload(void *, void *) {
  return Call("cuGraphUpload").status();
}

NNC_CU_EXPORT cuGraphLaunch(void *exec, void *stream) {
  Call call("cuGraphLaunch");
  if (call.status())
    return call.status();
  State &state = call.state();
  for (const Work &node : static_cast<Graph *>(exec)->nodes)
    if (Result result = state.enqueue(state.stream(stream), node))
      return result;
  return Success;
}

NNC_CU_EXPORT cuGraphGetNodes(void *graph, void **nodes, size_t *count) {
  Call call("cuGraphGetNodes");
  if (nodes)
    return call.refuse(NotSupported, "nodes can only be counted");
  *count = static_cast<Graph *>(graph)->nodes.size();
  return call.status();
}

NNC_CU_EXPORT cuGraphExecDestroy(void *exec) {
  Call call("cuGraphExecDestroy");
  delete static_cast<Graph *>(exec);
  return Success;
}

NNC_CU_EXPORT cuGraphDestroy(void *graph) { return cuGraphExecDestroy(graph); }
