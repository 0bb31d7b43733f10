//===----------------------------------------------------------------------===//
// Models that are well-formed messages and mean nonsense: hostile input for the
// importer, by the reflection of protobuf.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Import/ONNX/Importer.h"
#include "nnc/Smith/Generator.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <limits>

using namespace nncsmith;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {
class Mutator {
public:
  Mutator(onnx::ModelProto &model, Random &random)
      : model(model), random(random) {}

  void mutate();

private:
  void collect(Message &message);
  void mutateField(Message &message, const FieldDescriptor *field);
  void mutateRepeated(Message &message, const FieldDescriptor *field);
  void setScalar(Message &message, const FieldDescriptor *field);
  void setElement(Message &message, const FieldDescriptor *field, int index);
  int64_t integer();
  double number();
  std::string text(const std::string &old);

  onnx::ModelProto &model;
  Random &random;
  std::vector<Message *> messages;
  std::vector<std::string> names;
};
} // namespace

void Mutator::collect(Message &message) {
  messages.push_back(&message);
  const Reflection &reflection = *message.GetReflection();
  std::vector<const FieldDescriptor *> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor *field : fields) {
    bool isMessage = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    bool isText = field->type() == FieldDescriptor::TYPE_STRING;
    int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i)
      if (isMessage)
        collect(field->is_repeated()
                    ? *reflection.MutableRepeatedMessage(&message, field, i)
                    : *reflection.MutableMessage(&message, field));
      else if (isText)
        names.push_back(field->is_repeated()
                            ? reflection.GetRepeatedString(message, field, i)
                            : reflection.GetString(message, field));
  }
}

int64_t Mutator::integer() {
  using Limits = std::numeric_limits<int64_t>;
  if (random.chance(0.6))
    return random.between(-3, 26);
  return random.pick<int64_t>(
      {Limits::min(), Limits::max(), Limits::max() / 2, Limits::min() + 1,
       int64_t(1) << 31, (int64_t(1) << 31) - 1, int64_t(1) << 32, 65, 127, 255,
       1000, 100000, -(int64_t(1) << 31), int64_t(1) << 40});
}

double Mutator::number() {
  return random.pick<double>({0, -0.0, 1, -1, 0.5, 1e30, -1e30, 1e-40, INFINITY,
                              -INFINITY, NAN, 1e9, 65504});
}

std::string Mutator::text(const std::string &old) {
  if (random.chance(0.5) && !names.empty())
    return random.pick(names);
  static const std::vector<mlir::nnc::SupportedOperator> known =
      mlir::nnc::getSupportedOperators();
  switch (random.between(0, 3)) {
  case 0:
    return random.pick(known).name;
  case 1:
    return random.pick(known).domain;
  case 2:
    return old.substr(0, size_t(random.between(0, int64_t(old.size()))));
  default: {
    std::string changed = old;
    if (!changed.empty())
      changed[size_t(random.between(0, int64_t(old.size()) - 1))] =
          char(random.between(0, 255));
    return changed;
  }
  }
}

void Mutator::setScalar(Message &message, const FieldDescriptor *field) {
  const Reflection &reflection = *message.GetReflection();
  switch (field->cpp_type()) {
  case FieldDescriptor::CPPTYPE_INT32:
    return reflection.SetInt32(&message, field, int32_t(integer()));
  case FieldDescriptor::CPPTYPE_INT64:
    return reflection.SetInt64(&message, field, integer());
  case FieldDescriptor::CPPTYPE_UINT64:
    return reflection.SetUInt64(&message, field, uint64_t(integer()));
  case FieldDescriptor::CPPTYPE_FLOAT:
    return reflection.SetFloat(&message, field, float(number()));
  case FieldDescriptor::CPPTYPE_DOUBLE:
    return reflection.SetDouble(&message, field, number());
  case FieldDescriptor::CPPTYPE_ENUM:
    return reflection.SetEnumValue(&message, field, int(random.between(0, 16)));
  case FieldDescriptor::CPPTYPE_STRING:
    return reflection.SetString(&message, field,
                                text(reflection.GetString(message, field)));
  case FieldDescriptor::CPPTYPE_MESSAGE:
    reflection.MutableMessage(&message, field);
    return;
  default:
    return;
  }
}

void Mutator::setElement(Message &message, const FieldDescriptor *field,
                         int index) {
  const Reflection &reflection = *message.GetReflection();
  switch (field->cpp_type()) {
  case FieldDescriptor::CPPTYPE_INT32:
    return reflection.SetRepeatedInt32(&message, field, index,
                                       int32_t(integer()));
  case FieldDescriptor::CPPTYPE_INT64:
    return reflection.SetRepeatedInt64(&message, field, index, integer());
  case FieldDescriptor::CPPTYPE_UINT64:
    return reflection.SetRepeatedUInt64(&message, field, index,
                                        uint64_t(integer()));
  case FieldDescriptor::CPPTYPE_FLOAT:
    return reflection.SetRepeatedFloat(&message, field, index, float(number()));
  case FieldDescriptor::CPPTYPE_DOUBLE:
    return reflection.SetRepeatedDouble(&message, field, index, number());
  case FieldDescriptor::CPPTYPE_STRING:
    return reflection.SetRepeatedString(
        &message, field, index,
        text(reflection.GetRepeatedString(message, field, index)));
  default:
    return;
  }
}

void Mutator::mutateRepeated(Message &message, const FieldDescriptor *field) {
  const Reflection &reflection = *message.GetReflection();
  int size = reflection.FieldSize(message, field);
  if (size == 0)
    return;
  int at = int(random.between(0, size - 1));
  switch (random.between(0, 3)) {
  case 0:
    return reflection.SwapElements(&message, field, at, size - 1);
  case 1:
    reflection.SwapElements(&message, field, at, size - 1);
    return reflection.RemoveLast(&message, field);
  case 2:
    // One more, like one that is there.
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const Message &old = reflection.GetRepeatedMessage(message, field, at);
      reflection.AddMessage(&message, field)->CopyFrom(old);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.AddString(&message, field, text("x"));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      reflection.AddInt64(&message, field, integer());
    }
    return;
  default:
    setElement(message, field, at);
  }
}

void Mutator::mutateField(Message &message, const FieldDescriptor *field) {
  if (field->is_repeated())
    return mutateRepeated(message, field);
  if (random.chance(0.2))
    return message.GetReflection()->ClearField(&message, field);
  setScalar(message, field);
}

void Mutator::mutate() {
  messages.clear();
  names.clear();
  collect(model);
  Message &message = *random.pick(messages);
  std::vector<const FieldDescriptor *> fields;
  message.GetReflection()->ListFields(message, &fields);
  const auto &all = *message.GetDescriptor();
  if (fields.empty() || random.chance(0.15))
    return mutateField(
        message, all.field(int(random.between(0, all.field_count() - 1))));
  mutateField(message, random.pick(fields));
}

void nncsmith::mutate(onnx::ModelProto &model, Random &random) {
  Mutator mutator(model, random);
  for (int64_t i = random.between(1, 4); i > 0; --i)
    mutator.mutate();
}
