//===----------------------------------------------------------------------===//
// A profile as Chrome trace events.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Profile.h"

#include "nnc/Runner/Data.h"

#include <cstdio>

using namespace nncrun;

static std::string microseconds(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.3f", value);
  return text;
}

static std::string eventText(const KernelEvent &event, int64_t start) {
  const double length = double(event.endNs - event.beginNs) / 1000;
  std::string text =
      "{\"name\":" + jsonQuote(event.name) +
      ",\"cat\":\"kernel\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":" +
      microseconds(double(event.beginNs - start) / 1000) +
      ",\"dur\":" + microseconds(length) + ",\"args\":{\"nodes\":[";
  for (size_t i = 0; i < event.nodes.size(); ++i)
    text += (i ? "," : "") + jsonQuote(event.nodes[i]);
  text += "],\"measured_us\":" + microseconds(length);
  if (event.predictedUs >= 0)
    text += ",\"predicted_us\":" + microseconds(event.predictedUs);
  if (event.bytes >= 0)
    text += ",\"bytes\":" + std::to_string(event.bytes);
  if (event.flops >= 0)
    text += ",\"flops\":" + std::to_string(event.flops);
  return text + "}}";
}

std::string nncrun::traceText(const std::vector<KernelEvent> &events,
                              const std::string &model) {
  std::string text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
                     "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,"
                     "\"args\":{\"name\":" +
                     jsonQuote(model) + "}}";
  for (const KernelEvent &event : events)
    text += ",\n" + eventText(event, events.front().beginNs);
  return text + "\n]}\n";
}
