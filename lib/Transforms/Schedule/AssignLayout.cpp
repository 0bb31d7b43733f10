//===----------------------------------------------------------------------===//
// Chooses in which order of axes each op works.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "LayoutForms.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ASSIGNLAYOUTPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

static bool isTensor(Value value) {
  return isa<RankedTensorType>(value.getType());
}

namespace {
/// The layouts in which the users of a value would like to have it, each once.
/// Found from a block's end to its begin; users that would take the value as it
/// comes say nothing.
class Wishes {
public:
  using IsPreferred = function_ref<std::optional<Layout>(LayoutOpInterface)>;

  void collect(Block &block, IsPreferred getPreferred);
  /// Bytes to move for all users of `value` if it exists in `layout` only.
  double getCost(Value value, ArrayRef<int64_t> layout) const;
  ArrayRef<Layout> get(Value value) const;

private:
  void add(Value value, ArrayRef<int64_t> layout);
  void addOwn(Value value) {
    if (isTensor(value))
      add(value, getIdentityLayout(typeOf(value).getRank()));
  }
  void collectFrom(Operation *op, IsPreferred getPreferred);
  void collectFromLayoutOp(LayoutOpInterface op, IsPreferred getPreferred);

  DenseMap<Value, SmallVector<Layout, 2>> wishes;
};

/// Rewrites a block in its order. Ops that are replaced stay, unused, until its
/// end, so that `forms` may name their results.
class BlockLayouts {
public:
  BlockLayouts(Block &block, int64_t minChannels)
      : block(block), minChannels(minChannels),
        builder(block.getParentOp()->getContext()) {}

  void run();

private:
  std::optional<Layout> getPreferred(LayoutOpInterface op) const;
  std::optional<Layout> choose(LayoutOpInterface op);
  /// Bytes to move in all and, of these, before the op.
  using Cost = std::pair<double, double>;
  Cost getCost(LayoutOpInterface op, const OpLayout &needed);
  void rewrite(Operation *op);
  bool rewriteLayoutOp(LayoutOpInterface op);
  bool rewriteTranspose(nn::TransposeOp op);
  bool rewriteCast(tensor::CastOp op);
  bool rewriteDim(tensor::DimOp op);
  void keep(Operation *op);

  Block &block;
  int64_t minChannels;
  OpBuilder builder;
  LayoutForms forms;
  Wishes wishes;
  SmallVector<Operation *> replaced;
};
} // namespace

//===----------------------------------------------------------------------===//
// Wishes
//===----------------------------------------------------------------------===//

/// True if a tensor of `type` lies in memory in `a` as it does in `b`.
static bool areEqual(RankedTensorType type, ArrayRef<int64_t> a,
                     ArrayRef<int64_t> b) {
  return a == b ||
         keepsOrder(applyLayout(type, a), composeLayouts(invertLayout(a), b));
}

ArrayRef<Layout> Wishes::get(Value value) const {
  auto found = wishes.find(value);
  return found == wishes.end() ? ArrayRef<Layout>() : found->second;
}

void Wishes::add(Value value, ArrayRef<int64_t> layout) {
  SmallVector<Layout, 2> &list = wishes[value];
  if (llvm::none_of(list, [&](const Layout &other) {
        return areEqual(typeOf(value), layout, other);
      }))
    list.push_back(Layout(layout));
}

double Wishes::getCost(Value value, ArrayRef<int64_t> layout) const {
  RankedTensorType type = typeOf(value);
  return estimateBytes(type) *
         llvm::count_if(get(value), [&](const Layout &wish) {
           return !areEqual(type, layout, wish);
         });
}

void Wishes::collect(Block &block, IsPreferred getPreferred) {
  for (Operation &op : llvm::reverse(block))
    collectFrom(&op, getPreferred);
}

void Wishes::collectFrom(Operation *op, IsPreferred getPreferred) {
  if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
    for (const Layout &wish : SmallVector<Layout>(get(transpose.getResult())))
      add(transpose.getInput(),
          composeLayouts(transpose.getPermutation(), wish));
    return;
  }
  if (auto cast = dyn_cast<tensor::CastOp>(op)) {
    if (isTensor(cast.getSource()) && isTensor(cast.getDest()))
      for (const Layout &wish : SmallVector<Layout>(get(cast.getDest())))
        add(cast.getSource(), wish);
    return;
  }
  if (isa<tensor::DimOp>(op))
    return;
  if (auto layoutOp = dyn_cast<LayoutOpInterface>(op))
    return collectFromLayoutOp(layoutOp, getPreferred);
  for (Value operand : op->getOperands())
    addOwn(operand);
  visitUsedValuesDefinedAbove(
      op->getRegions(), [&](OpOperand *operand) { addOwn(operand->get()); });
}

void Wishes::collectFromLayoutOp(LayoutOpInterface op,
                                 IsPreferred getPreferred) {
  std::optional<Layout> layout = getPreferred(op);
  bool isFixed = false;
  if (!layout) {
    ArrayRef<Layout> wanted = get(op->getResult(0));
    isFixed = llvm::none_of(
        ArrayRef<Value>{op->getOperand(0), op->getResult(0)}, [&](Value value) {
          return op.getOpLayout(getIdentityLayout(typeOf(value).getRank()));
        });
    if (wanted.size() == 1)
      layout = op.findLayout(wanted[0]);
    if (!layout && !isFixed)
      return;
  }
  std::optional<OpLayout> needed;
  if (layout)
    needed = op.getOpLayout(*layout);
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    if (!isTensor(operand))
      continue;
    int64_t rank = typeOf(operand).getRank();
    if (!needed || needed->operands[number].empty())
      addOwn(operand);
    else if (int64_t(needed->operands[number].size()) == rank)
      add(operand, needed->operands[number]);
  }
}

//===----------------------------------------------------------------------===//
// BlockLayouts
//===----------------------------------------------------------------------===//

static std::string getText(ArrayRef<int64_t> layout) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(layout, stream << "[");
  stream << "]";
  return text;
}

static remark::RemarkOpts getRemark(StringRef name) {
  return remark::RemarkOpts::name(name).category("nnc-assign-layout");
}

/// The size of the innermost axis of a tensor in `layout`.
static int64_t getInnermost(Value tensor, ArrayRef<int64_t> layout) {
  return typeOf(tensor).getDimSize(layout.back());
}

/// The layout that `op` prefers, if that is worth it.
std::optional<Layout> BlockLayouts::getPreferred(LayoutOpInterface op) const {
  std::optional<Layout> layout = op.getPreferredLayout();
  std::optional<OpLayout> needed =
      layout ? op.getOpLayout(*layout) : std::nullopt;
  if (!needed || needed->operands[0].empty())
    return std::nullopt;
  int64_t input = getInnermost(op->getOperand(0), needed->operands[0]);
  int64_t result = getInnermost(op->getResult(0), needed->results[0]);
  bool isDynamic =
      ShapedType::isDynamic(input) || ShapedType::isDynamic(result);
  return isDynamic || std::max(input, result) >= minChannels ? layout
                                                             : std::nullopt;
}

BlockLayouts::Cost BlockLayouts::getCost(LayoutOpInterface op,
                                         const OpLayout &needed) {
  double before = 0, after = 0;
  for (auto [operand, layout] : llvm::zip(op->getOperands(), needed.operands))
    before += forms.getCost(operand, layout);
  for (auto [result, layout] : llvm::zip(op->getResults(), needed.results))
    after += wishes.getCost(result, layout);
  return {before + after, before};
}

/// The layout in which the fewest bytes are moved; nullopt: the op's own. Of
/// equally good ones that in which the fewest are moved before the op: what is
/// put off may turn out not to be needed.
std::optional<Layout> BlockLayouts::choose(LayoutOpInterface op) {
  if (std::optional<Layout> preferred = getPreferred(op))
    return isIdentityLayout(*preferred) ? std::nullopt : preferred;
  SmallVector<Layout> candidates;
  auto consider = [&](std::optional<Layout> layout) {
    if (layout && !isIdentityLayout(*layout) &&
        !llvm::is_contained(candidates, *layout))
      candidates.push_back(*layout);
  };
  for (Value operand : op->getOperands())
    if (isTensor(operand) && forms.isMoved(operand))
      for (const LayoutForm &form : forms.get(operand))
        consider(form.layout);
  for (const Layout &wish : wishes.get(op->getResult(0)))
    consider(op.findLayout(wish));
  OpLayout own;
  own.operands.resize(op->getNumOperands());
  for (Value result : op->getResults())
    own.results.push_back(getIdentityLayout(typeOf(result).getRank()));
  std::optional<Layout> best;
  Cost bestCost = getCost(op, own);
  for (const Layout &layout : candidates) {
    std::optional<OpLayout> needed = op.getOpLayout(layout);
    if (!needed)
      continue;
    Cost cost = getCost(op, *needed);
    if (cost < bestCost) {
      best = layout;
      bestCost = cost;
    }
  }
  return best;
}

bool BlockLayouts::rewriteLayoutOp(LayoutOpInterface op) {
  std::optional<Layout> layout = choose(op);
  if (!layout) {
    std::optional<Layout> preferred = op.getPreferredLayout();
    if (preferred && !isIdentityLayout(*preferred))
      remark::missed(op.getLoc(), getRemark("own-layout"))
          << "keeps its layout, would prefer " + getText(*preferred) +
                 ": too few elements would be innermost";
    return false;
  }
  OpLayout needed = *op.getOpLayout(*layout);
  SmallVector<Value> operands;
  for (auto [operand, own] : llvm::zip(op->getOperands(), needed.operands))
    operands.push_back(forms.request(builder, operand, own));
  Operation *copy = op.buildInLayout(builder, *layout, operands);
  for (auto [result, moved, own] :
       llvm::zip(op->getResults(), copy->getResults(), needed.results))
    forms.set(result, LayoutForm{own, moved});
  remark::passed(op.getLoc(), getRemark("layout"))
      << "works in layout " + getText(*layout);
  return true;
}

/// The result exists in all the forms of the input.
bool BlockLayouts::rewriteTranspose(nn::TransposeOp op) {
  Layout inverse = invertLayout(op.getPermutation());
  SmallVector<LayoutForm> list;
  for (const LayoutForm &form : forms.get(op.getInput()))
    list.push_back({composeLayouts(inverse, form.layout), form.value});
  forms.set(op.getResult(), list);
  return true;
}

bool BlockLayouts::rewriteCast(tensor::CastOp op) {
  if (!isTensor(op.getSource()) || !isTensor(op.getDest()) ||
      !forms.isMoved(op.getSource()))
    return false;
  LayoutForm form = forms.get(op.getSource()).front();
  form.value = tensor::CastOp::create(
      builder, op.getLoc(), applyLayout(typeOf(op.getDest()), form.layout),
      form.value);
  forms.set(op.getDest(), form);
  return true;
}

bool BlockLayouts::rewriteDim(tensor::DimOp op) {
  std::optional<int64_t> axis = op.getConstantIndex();
  if (!axis || !isTensor(op.getSource()) || !forms.isMoved(op.getSource()) ||
      *axis < 0 || *axis >= typeOf(op.getSource()).getRank())
    return false;
  LayoutForm form = forms.get(op.getSource()).front();
  Value dim = tensor::DimOp::create(builder, op.getLoc(), form.value,
                                    findAxis(form.layout, *axis));
  op.getResult().replaceAllUsesWith(dim);
  return true;
}

/// The op, and what is in it, works on its operands as they are.
void BlockLayouts::keep(Operation *op) {
  auto restore = [&](OpOperand *operand) {
    if (isTensor(operand->get()) && forms.isMoved(operand->get()))
      operand->set(forms.request(builder, operand->get(), {}));
  };
  for (OpOperand &operand : op->getOpOperands())
    restore(&operand);
  visitUsedValuesDefinedAbove(op->getRegions(), restore);
}

void BlockLayouts::rewrite(Operation *op) {
  builder.setInsertionPoint(op);
  bool isReplaced =
      llvm::TypeSwitch<Operation *, bool>(op)
          .Case([&](nn::TransposeOp op) { return rewriteTranspose(op); })
          .Case([&](tensor::CastOp op) { return rewriteCast(op); })
          .Case([&](tensor::DimOp op) { return rewriteDim(op); })
          .Case([&](LayoutOpInterface op) { return rewriteLayoutOp(op); })
          .Default([](Operation *) { return false; });
  if (isReplaced)
    replaced.push_back(op);
  else
    keep(op);
}

void BlockLayouts::run() {
  SmallVector<Operation *> work, outer;
  for (Operation &op : block) {
    work.push_back(&op);
    if (op.getNumRegions())
      outer.push_back(&op);
  }
  auto prefers = [&](LayoutOpInterface op) { return getPreferred(op); };
  bool isWorthIt = llvm::any_of(work, [&](Operation *op) {
    auto layoutOp = dyn_cast<LayoutOpInterface>(op);
    return layoutOp && getPreferred(layoutOp);
  });
  if (isWorthIt) {
    wishes.collect(block, prefers);
    for (Operation *op : work)
      rewrite(op);
    for (Operation *op : llvm::reverse(replaced))
      op->erase();
  }
  for (Operation *op : outer)
    for (Region &region : op->getRegions())
      if (region.hasOneBlock())
        BlockLayouts(region.front(), minChannels).run();
}

namespace {
struct AssignLayout : nnc::impl::AssignLayoutPassBase<AssignLayout> {
  using AssignLayoutPassBase::AssignLayoutPassBase;

  void runOnOperation() override {
    if (getOperation().getBody().hasOneBlock())
      BlockLayouts(getOperation().getBody().front(), minChannels).run();
  }
};
} // namespace
