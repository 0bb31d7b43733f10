#ifndef NNC_DIALECTS_KERN_IR_KERNNARROWOPS_TD
#define NNC_DIALECTS_KERN_IR_KERNNARROWOPS_TD

include "dialects/Kern/IR/KernOps.td"

def Kern_NarrowGemmOp : Kern_Op<"narrow_gemm", [AttrSizedOperandSegments]> {
  let summary = "product with a matrix that is stored in few bits";
  let description = [{
    `lhs` is `[m..., K]`, the result `[m..., N]`. The right operand stands for
    `[K, N]` numbers, widened in registers: `(code - zero_point) scale`, with one
    scale and one zero point a column for each `group` of K; the last group may
    be shorter. Codes are of type `stored`: integers of 2, 4 or 8 bits, f8E4M3FN,
    f8E5M2, f16 or bf16, the last two without scales.

    `weights` is `[G, group, N]` of `stored`, `scale` and `zero_point` are
    `[G, N]`, with G groups. `packed`, with c columns a panel, the tiling's, and
    P = ceil(N / c) panels: `scale` and `zero_point` are `[P, G, c]`, `weights`
    `[P, G, group, c]`, bytes for f8; of less than 8 bits `[P, G, ceil(group / w),
    c]` words of 32 bits with w codes each along K, the first in the lowest bits.
    Packed codes have a sign: those of unsigned types their top bit flipped. Zero
    points, of i8, are those of signed codes in either form.

    Example: `kern.narrow_gemm %a, %w scale %s outs(%c) stored i4 group 32 ...`
  }];
  let arguments = (ins
    Kern_Shaped:$lhs, Kern_Shaped:$weights, Optional<Kern_Shaped>:$scale,
    Optional<Kern_Shaped>:$zero_point, Variadic<Kern_Shaped>:$extras,
    Kern_Shaped:$init, TypeAttr:$stored, I64Attr:$group, UnitAttr:$packed,
    AffineMapArrayAttr:$extra_maps, OptionalAttr<HW_TilingAttr>:$tiling);
  let extraDecls = [{
    /// Number of groups.
    int64_t getGroups();
    /// Columns of the result.
    int64_t getColumns();
    /// Codes along K in one element of packed weights.
    int64_t getCodesPerElement();
    /// How the weights, the scales or zero points are brought into panels of
    /// the tiling; where several codes make an element of `weights`, they are
    /// the last axis.
    ::mlir::nnc::kern::Packing getWeightsPacking();
    ::mlir::nnc::kern::Packing getGroupsPacking(::mlir::Type elementType);
  }];
  let assemblyFormat = [{
    (`packed` $packed^)? $lhs `,` $weights
    (`scale` $scale^ `:` type($scale))?
    (`zero_point` $zero_point^ `:` type($zero_point))?
    (`extras` `(` $extras^ `:` type($extras) `)`)?
    `outs` `(` $init `)` `stored` $stored `group` $group (`tiling` $tiling^)?
    attr-dict `:` type($lhs) `,` type($weights) `,` type($init)
    (`->` type($results)^)? $epilogue
  }];
}

#endif // NNC_DIALECTS_KERN_IR_KERNNARROWOPS_TD
