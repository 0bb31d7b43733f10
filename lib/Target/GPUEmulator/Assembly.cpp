//===----------------------------------------------------------------------===//
// Inline assembly: a little PTX becomes instructions and calls of handlers.
// Registers are variables of the frame, labels are basic blocks.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Module.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace nncgpu;

namespace {
/// "@!p opcode operands" or a label.
struct Statement {
  std::string label;
  std::string predicate;
  bool isNegated = false;
  std::string opcode;
  SmallVector<std::string> operands;
};

class AssemblyRewriter {
public:
  AssemblyRewriter(CallInst &call, SlotCalls &slots, ModuleState &state)
      : call(call), slots(slots), state(state), builder(&call) {}

  std::optional<std::string> run();

private:
  void parse(StringRef text);
  void parseStatement(StringRef text);
  void prepareOperands(const InlineAsm &assembly);
  void makeBlocks();
  bool emit(const Statement &statement);
  bool emitOperation(const Statement &statement);
  bool emitMove(const Statement &statement, uint64_t bits);
  bool emitSimple(const Statement &statement);
  bool emitMath(const Statement &statement);
  bool emitHandler(const Statement &statement);
  void finish();
  /// The value of an operand, as a slot; null if it is none.
  Value *read(StringRef operand);
  bool write(StringRef operand, Value *slot);
  /// A list in braces or brackets as its parts.
  static SmallVector<StringRef> flatten(StringRef operand);

  CallInst &call;
  SlotCalls &slots;
  ModuleState &state;
  IRBuilder<> builder;
  std::vector<Statement> statements;
  StringMap<AllocaInst *> registers;
  StringMap<BasicBlock *> labels;
  /// By the number in "$0"; outputs are registers of that name.
  SmallVector<Value *> inputs;
  SmallVector<AllocaInst *> outputs;
  SmallVector<Type *> outputTypes;
  BasicBlock *tail = nullptr;
};
} // namespace

static SmallVector<StringRef> splitOperands(StringRef text) {
  SmallVector<StringRef> parts;
  size_t depth = 0, begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : ',';
    if (c == '{' || c == '[')
      ++depth;
    else if (c == '}' || c == ']')
      --depth;
    else if (c == ',' && depth == 0) {
      StringRef part = text.slice(begin, i).trim();
      if (!part.empty())
        parts.push_back(part);
      begin = i + 1;
    }
  }
  return parts;
}

SmallVector<StringRef> AssemblyRewriter::flatten(StringRef operand) {
  SmallVector<StringRef> flat;
  operand = operand.trim();
  bool isList = operand.starts_with("{") || operand.starts_with("[");
  if (!isList) {
    operand.split(flat, '|');
    return flat;
  }
  for (StringRef part : splitOperands(operand.drop_front().drop_back()))
    flat.append(flatten(part));
  return flat;
}

void AssemblyRewriter::parseStatement(StringRef text) {
  // Braces before statements are scopes, which only matter for names.
  text = text.trim().ltrim(" \t\n{}");
  while (true) {
    size_t colon = text.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$%");
    bool isLabel = colon != StringRef::npos && text[colon] == ':' &&
                   !text.substr(colon).starts_with("::");
    if (!isLabel)
      break;
    statements.emplace_back().label = text.take_front(colon);
    text = text.drop_front(colon + 1).ltrim(" \t\n{}");
  }
  if (text.empty())
    return;
  Statement statement;
  if (text.consume_front("@")) {
    statement.isNegated = text.consume_front("!");
    size_t end = text.find_first_of(" \t\n");
    statement.predicate = text.take_front(end);
    text = text.substr(end).ltrim();
  }
  size_t end = text.find_first_of(" \t\n");
  statement.opcode = text.take_front(end);
  for (StringRef operand : splitOperands(text.substr(end).trim()))
    statement.operands.push_back(operand.str());
  statements.push_back(std::move(statement));
}

void AssemblyRewriter::parse(StringRef text) {
  // Comments end with their line.
  std::string clean;
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  for (StringRef line : lines)
    clean += line.substr(0, line.find("//")).str() + "\n";
  SmallVector<StringRef> parts;
  StringRef(clean).split(parts, ';');
  for (StringRef part : parts)
    parseStatement(part);
}

void AssemblyRewriter::prepareOperands(const InlineAsm &assembly) {
  Type *type = call.getType();
  auto *record = dyn_cast<StructType>(type);
  unsigned argument = 0, output = 0;
  for (const InlineAsm::ConstraintInfo &info : assembly.ParseConstraints()) {
    if (info.Type == InlineAsm::isOutput) {
      outputTypes.push_back(record ? record->getElementType(output) : type);
      ++output;
      outputs.push_back(slots.makeVariable());
      inputs.push_back(nullptr);
    } else if (info.Type == InlineAsm::isInput) {
      Value *value = SlotCalls::toSlot(builder, call.getArgOperand(argument++));
      inputs.push_back(value);
      unsigned tied;
      if (!info.Codes.empty() && to_integer(info.Codes[0], tied, 10) &&
          tied < outputs.size())
        builder.CreateStore(value, outputs[tied]);
    }
  }
}

Value *AssemblyRewriter::read(StringRef operand) {
  operand = operand.trim();
  unsigned number;
  Type *slot = builder.getInt64Ty();
  if (operand.consume_front("$")) {
    if (!to_integer(operand, number, 10) || number >= inputs.size())
      return nullptr;
    return number < outputs.size() ? builder.CreateLoad(slot, outputs[number])
                                   : inputs[number];
  }
  if (auto it = registers.find(operand); it != registers.end())
    return builder.CreateLoad(slot, it->second);
  // "0f3F800000" is a float by its bits.
  uint64_t bits;
  if (operand.starts_with("0f") || operand.starts_with("0F") ||
      operand.starts_with("0d") || operand.starts_with("0D"))
    return to_integer(operand.drop_front(2), bits, 16) ? builder.getInt64(bits)
                                                       : nullptr;
  int64_t value;
  if (operand.getAsInteger(0, value))
    return nullptr;
  return builder.getInt64(uint64_t(value));
}

bool AssemblyRewriter::write(StringRef operand, Value *slot) {
  operand = operand.trim();
  if (operand == "_")
    return true;
  unsigned number;
  if (operand.consume_front("$")) {
    if (!to_integer(operand, number, 10) || number >= outputs.size())
      return false;
    builder.CreateStore(slot, outputs[number]);
    return true;
  }
  auto it = registers.find(operand);
  if (it == registers.end())
    return false;
  builder.CreateStore(slot, it->second);
  return true;
}

/// The type that the last part of an opcode names; null for others.
static Type *parseType(StringRef opcode, LLVMContext &context) {
  StringRef name = opcode.rsplit('.').second;
  Type *half = Type::getHalfTy(context), *bfloat = Type::getBFloatTy(context);
  unsigned bits;
  if (name.size() > 1 && (name[0] == 'b' || name[0] == 's' || name[0] == 'u') &&
      to_integer(name.drop_front(), bits, 10) && bits <= 64)
    return Type::getIntNTy(context, bits);
  return StringSwitch<Type *>(name)
      .Case("f16", half)
      .Case("bf16", bfloat)
      .Case("f16x2", FixedVectorType::get(half, 2))
      .Case("bf16x2", FixedVectorType::get(bfloat, 2))
      .Case("f32", Type::getFloatTy(context))
      .Case("f64", Type::getDoubleTy(context))
      .Case("pred", Type::getInt1Ty(context))
      .Default(nullptr);
}

/// Moves of `bits` bits, which lists in braces share, the lowest first.
bool AssemblyRewriter::emitMove(const Statement &statement, uint64_t bits) {
  SmallVector<StringRef> to = flatten(statement.operands[0]);
  SmallVector<StringRef> from = flatten(statement.operands[1]);
  Value *whole = builder.getInt64(0);
  auto mask = [&](Value *value, uint64_t width) {
    return builder.CreateAnd(value, maskTrailingOnes<uint64_t>(width));
  };
  uint64_t width = bits / from.size();
  for (auto [i, part] : enumerate(from)) {
    Value *value = read(part);
    if (!value)
      return false;
    if (from.size() > 1)
      value = builder.CreateShl(mask(value, width), i * width);
    whole = builder.CreateOr(whole, value);
  }
  width = bits / to.size();
  for (auto [i, part] : enumerate(to)) {
    Value *value = to.size() > 1
                       ? mask(builder.CreateLShr(whole, i * width), width)
                       : whole;
    if (!write(part, value))
      return false;
  }
  return true;
}

bool AssemblyRewriter::emitSimple(const Statement &statement) {
  StringRef opcode = statement.opcode;
  StringRef name = opcode.split('.').first;
  Type *type = parseType(opcode, builder.getContext());
  SmallVector<Value *> in;
  if (statement.operands.empty())
    return false;
  if (name == "mov" && statement.operands.size() == 2 && type)
    return emitMove(statement, type->getPrimitiveSizeInBits());
  for (const std::string &operand : drop_begin(statement.operands))
    in.push_back(read(operand));
  if (is_contained(in, nullptr))
    return false;
  auto store = [&](Value *value) {
    return write(statement.operands[0], SlotCalls::toSlot(builder, value));
  };
  if (name == "cvta" && in.size() == 1)
    return store(in[0]);
  if (name == "selp" && in.size() == 3)
    return store(
        builder.CreateSelect(builder.CreateIsNotNull(in[2]), in[0], in[1]));
  if (!type || !type->isIntegerTy())
    return false;
  for (Value *&each : in)
    each = SlotCalls::fromSlot(builder, each, type);
  if (name == "setp" && in.size() == 2) {
    bool isSigned = opcode.rsplit('.').second.starts_with("s");
    auto predicate =
        StringSwitch<CmpInst::Predicate>(
            opcode.split('.').second.split('.').first)
            .Case("eq", CmpInst::ICMP_EQ)
            .Case("ne", CmpInst::ICMP_NE)
            .Case("lt", isSigned ? CmpInst::ICMP_SLT : CmpInst::ICMP_ULT)
            .Case("le", isSigned ? CmpInst::ICMP_SLE : CmpInst::ICMP_ULE)
            .Case("gt", isSigned ? CmpInst::ICMP_SGT : CmpInst::ICMP_UGT)
            .Case("ge", isSigned ? CmpInst::ICMP_SGE : CmpInst::ICMP_UGE)
            .Default(CmpInst::BAD_ICMP_PREDICATE);
    return predicate != CmpInst::BAD_ICMP_PREDICATE &&
           store(builder.CreateICmp(predicate, in[0], in[1]));
  }
  if (name == "not" && in.size() == 1)
    return store(builder.CreateNot(in[0]));
  auto operation = StringSwitch<int>(name)
                       .Case("add", Instruction::Add)
                       .Case("sub", Instruction::Sub)
                       .Case("and", Instruction::And)
                       .Case("or", Instruction::Or)
                       .Case("xor", Instruction::Xor)
                       .Case("shl", Instruction::Shl)
                       .Default(0);
  return operation && in.size() == 2 &&
         store(builder.CreateBinOp(Instruction::BinaryOps(operation), in[0],
                                   in[1]));
}

bool AssemblyRewriter::emitMath(const Statement &statement) {
  Type *type = parseType(statement.opcode, builder.getContext());
  if (!type || !type->isFPOrFPVectorTy() || statement.operands.size() < 2)
    return false;
  SmallVector<Value *> in;
  for (const std::string &operand : drop_begin(statement.operands)) {
    Value *slot = read(operand);
    if (!slot)
      return false;
    in.push_back(SlotCalls::fromSlot(builder, slot, type));
  }
  Value *value = expandMath(builder, statement.opcode, in);
  return value &&
         write(statement.operands[0], SlotCalls::toSlot(builder, value));
}

bool AssemblyRewriter::emitHandler(const Statement &statement) {
  Site &site = state.addSite(call, statement.opcode);
  for (const std::string &operand : drop_begin(statement.operands))
    site.operands += uint32_t(flatten(operand).size());
  if (!matchOpcode(statement.opcode, site))
    return false;
  SmallVector<Value *> args;
  SmallVector<StringRef> written;
  for (const auto &[i, operand] : enumerate(statement.operands)) {
    SmallVector<StringRef> parts = flatten(operand);
    bool isResult = i == 0 && site.writesFirst;
    if (isResult)
      written = parts;
    if (isResult && !site.readsFirst)
      continue;
    for (StringRef part : parts) {
      args.push_back(read(part));
      if (!args.back())
        return false;
    }
  }
  SmallVector<Value *> results =
      slots.call(builder, site, args, unsigned(written.size()));
  for (auto [name, result] : zip(written, results))
    if (!write(name, result))
      return false;
  return true;
}

bool AssemblyRewriter::emitOperation(const Statement &statement) {
  if (StringRef(statement.opcode).starts_with(".reg")) {
    // The type is the first word of what follows, or part of the opcode.
    for (const std::string &operand : statement.operands) {
      StringRef name = StringRef(operand).rsplit(' ').second;
      name = name.empty() ? StringRef(operand) : name;
      registers[name.trim()] = slots.makeVariable();
    }
    return true;
  }
  if (statement.opcode == "bra" || statement.opcode == "bra.uni") {
    auto it = statement.operands.empty() ? labels.end()
                                         : labels.find(statement.operands[0]);
    if (it == labels.end())
      return false;
    builder.CreateBr(it->second);
    // What follows up to a label is reached only by predicates.
    auto *next =
        BasicBlock::Create(builder.getContext(), "", call.getFunction(), tail);
    builder.SetInsertPoint(next);
    return true;
  }
  return emitSimple(statement) || emitMath(statement) || emitHandler(statement);
}

bool AssemblyRewriter::emit(const Statement &statement) {
  if (!statement.label.empty()) {
    BasicBlock *block = labels[statement.label];
    builder.CreateBr(block);
    builder.SetInsertPoint(block);
    return true;
  }
  if (statement.predicate.empty())
    return emitOperation(statement);
  Value *condition = read(statement.predicate);
  if (!condition)
    return false;
  LLVMContext &context = builder.getContext();
  auto *taken = BasicBlock::Create(context, "", call.getFunction(), tail);
  auto *next = BasicBlock::Create(context, "", call.getFunction(), tail);
  Value *isTrue = builder.CreateIsNotNull(condition);
  if (statement.isNegated)
    isTrue = builder.CreateNot(isTrue);
  builder.CreateCondBr(isTrue, taken, next);
  builder.SetInsertPoint(taken);
  if (!emitOperation(statement))
    return false;
  builder.CreateBr(next);
  builder.SetInsertPoint(next);
  return true;
}

/// Splits the block at the call, where there are branches.
void AssemblyRewriter::makeBlocks() {
  bool isStraight = llvm::all_of(statements, [](const Statement &each) {
    return each.label.empty() && each.predicate.empty();
  });
  if (isStraight)
    return;
  BasicBlock *head = call.getParent();
  tail = SplitBlock(head, &call);
  head->getTerminator()->eraseFromParent();
  builder.SetInsertPoint(head);
  for (const Statement &each : statements)
    if (!each.label.empty())
      labels[each.label] = BasicBlock::Create(builder.getContext(), "",
                                              call.getFunction(), tail);
}

void AssemblyRewriter::finish() {
  if (tail) {
    builder.CreateBr(tail);
    builder.SetInsertPoint(&call);
  }
  Type *type = call.getType();
  SmallVector<Value *> values;
  for (auto [variable, each] : zip(outputs, outputTypes))
    values.push_back(SlotCalls::fromSlot(
        builder, builder.CreateLoad(builder.getInt64Ty(), variable), each));
  if (isa<StructType>(type)) {
    Value *record = PoisonValue::get(type);
    for (auto [i, value] : enumerate(values))
      record = builder.CreateInsertValue(record, value, unsigned(i));
    call.replaceAllUsesWith(record);
  } else if (!values.empty()) {
    call.replaceAllUsesWith(values[0]);
  }
  call.eraseFromParent();
}

std::optional<std::string> AssemblyRewriter::run() {
  auto &assembly = *cast<InlineAsm>(call.getCalledOperand());
  parse(assembly.getAsmString());
  prepareOperands(assembly);
  makeBlocks();
  for (const Statement &statement : statements)
    if (!emit(statement)) {
      std::string problem =
          "assembly '" +
          (statement.label.empty() ? statement.opcode : statement.label) + "'";
      finish();
      return problem;
    }
  finish();
  return std::nullopt;
}

std::optional<std::string>
nncgpu::rewriteAssembly(CallInst &call, SlotCalls &slots, ModuleState &state) {
  return AssemblyRewriter(call, slots, state).run();
}
