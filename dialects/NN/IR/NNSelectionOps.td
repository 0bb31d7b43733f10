#ifndef NNC_DIALECTS_NN_IR_NNSELECTIONOPS_TD
#define NNC_DIALECTS_NN_IR_NNSELECTIONOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupSelection : OpDocGroup {
  let summary = "Search and sorting";
  let description = [{
    Ops that look for positions or sort. Where a result's size depends on
    values, one op counts and the next takes the count as an operand. NaN is
    greater than every number and equal to NaN, so that all orders are total.
  }];
}

let opDocGroup = OpGroupSelection in {

def NN_TopKOp : NN_Op<"top_k"> {
  let summary = "the k largest or smallest elements along an axis, in order";
  let description = [{
    `values` holds the elements, the first of them the largest (the smallest
    with `smallest`), `indices` their positions along `axis`. Of equal elements
    the one of the lower index comes first. `k` is one number, from 0 to the
    axis' size.

    Example:

    ```mlir
    func.func @f(%x: tensor<3x4xf32>, %k: tensor<1xi64>) -> (tensor<3x?xf32>, tensor<3x?xi64>) {
      %0:2 = nn.top_k %x, %k axis 1 : tensor<3x4xf32>, tensor<1xi64> -> tensor<3x?xf32>, tensor<3x?xi64>
      return %0#0, %0#1 : tensor<3x?xf32>, tensor<3x?xi64>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$input, NN_IndexTensor:$k, I64Attr:$axis,
                       UnitAttr:$smallest);
  let results = (outs NN_NumberTensor:$values, NN_IndexTensor:$indices);
  let assemblyFormat = [{
    $input `,` $k `axis` $axis (`smallest` $smallest^)? attr-dict
    `:` type($input) `,` type($k) `->` type($values) `,` type($indices)
  }];
}

def NN_OneHotOp : NN_Op<"one_hot"> {
  let summary = "rows that are on at one position";
  let description = [{
    Inserts at `axis` an axis of size `depth`, along which the result is
    `values[1]` at the position that `indices` names and `values[0]` elsewhere.
    Negative indices count from the end; an index outside of the axis turns
    nothing on. Float indices are truncated.

    Example:

    ```mlir
    func.func @f(%i: tensor<2xi64>, %v: tensor<2xf32>) -> tensor<2x3xf32> {
      %d = nn.constant dense<3> : tensor<i64>
      %0 = nn.one_hot %i, %d, %v axis 1 : tensor<2xi64>, tensor<i64>, tensor<2xf32> -> tensor<2x3xf32>
      return %0 : tensor<2x3xf32>
    }
    ```
  }];
  let arguments = (ins NN_NumberTensor:$indices, NN_IndexTensor:$depth,
                       NN_Tensor:$values, I64Attr:$axis);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $indices `,` $depth `,` $values `axis` $axis attr-dict `:` type($indices)
    `,` type($depth) `,` type($values) `->` type($result)
  }];
}

def NN_CountNonZeroOp : NN_Op<"count_nonzero"> {
  let summary = "how many elements are not zero";
  let description = [{
    NaN is not zero, minus zero is.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xi1>) -> tensor<1xi64> {
      %0 = nn.count_nonzero %x : tensor<2x3xi1> -> tensor<1xi64>
      return %0 : tensor<1xi64>
    }
    ```
  }];
  let arguments = (ins NN_ValueTensor:$input);
  let results = (outs NN_IndexTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_NonZeroOp : NN_Op<"nonzero"> {
  let summary = "the positions of elements that are not zero";
  let description = [{
    Column j of the result is the position of the j-th such element in row-major
    order. `count` is the result of `nn.count_nonzero` on the same input.

    Example:

    ```mlir
    func.func @f(%x: tensor<2x3xi1>) -> tensor<2x?xi64> {
      %n = nn.count_nonzero %x : tensor<2x3xi1> -> tensor<1xi64>
      %0 = nn.nonzero %x, %n : tensor<2x3xi1>, tensor<1xi64> -> tensor<2x?xi64>
      return %0 : tensor<2x?xi64>
    }
    ```
  }];
  let arguments = (ins NN_ValueTensor:$input, NN_IndexTensor:$count);
  let results = (outs NN_IndexTensor:$result);
  let assemblyFormat = [{
    $input `,` $count attr-dict `:` type($input) `,` type($count) `->` type($result)
  }];
}

def NN_CountUniqueOp : NN_Op<"count_unique"> {
  let summary = "how many different elements, or slices, there are";
  let description = [{
    Counts different slices along `axis`, or different elements without one.

    Example:

    ```mlir
    func.func @f(%x: tensor<6xf32>) -> tensor<1xi64> {
      %0 = nn.count_unique %x : tensor<6xf32> -> tensor<1xi64>
      return %0 : tensor<1xi64>
    }
    ```
  }];
  let arguments = (ins NN_ValueTensor:$input, OptionalAttr<I64Attr>:$axis);
  let results = (outs NN_IndexTensor:$result);
  let assemblyFormat = [{
    $input (`axis` $axis^)? attr-dict `:` type($input) `->` type($result)
  }];
}

def NN_UniqueOp : NN_Op<"unique"> {
  let summary = "the different elements, or slices along an axis";
  let description = [{
    `values` holds each slice along `axis` (each element without an axis) once,
    in the order of first appearance, or ascending (slices lexicographically)
    with `sorted`. `indices` says where each appears first, `inverse` for each
    slice of the input its place in `values`, `counts` how often it appears.
    `count` is the result of `nn.count_unique` on the same input and axis.

    Example:

    ```mlir
    func.func @f(%x: tensor<6xf32>) -> tensor<?xf32> {
      %n = nn.count_unique %x : tensor<6xf32> -> tensor<1xi64>
      %0:4 = nn.unique %x, %n sorted : tensor<6xf32>, tensor<1xi64> -> tensor<?xf32>, tensor<?xi64>, tensor<6xi64>, tensor<?xi64>
      return %0#0 : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins NN_ValueTensor:$input, NN_IndexTensor:$count,
                       OptionalAttr<I64Attr>:$axis, UnitAttr:$sorted);
  let results = (outs NN_ValueTensor:$values, NN_IndexTensor:$indices,
                      NN_IndexTensor:$inverse, NN_IndexTensor:$counts);
  let assemblyFormat = [{
    $input `,` $count (`axis` $axis^)? (`sorted` $sorted^)? attr-dict `:` type($input)
    `,` type($count) `->` type($values) `,` type($indices) `,` type($inverse)
    `,` type($counts)
  }];
}

def NN_NonMaxSuppressionOp : NN_Op<"non_max_suppression"> {
  let summary = "the best boxes that do not overlap much";
  let description = [{
    `boxes` is [batch, boxes, 4], `scores` [batch, classes, boxes]. For each
    batch and class takes boxes of a score above `score_threshold` from the best
    (of equal ones the first) on, leaving out those whose intersection over
    union with one already taken is above `iou_threshold`, and at most
    `max_boxes`. A box is [y1, x1, y2, x2], any pair of opposite corners, or with
    `center_point` [x_center, y_center, width, height]. Boxes without area
    overlap nothing.

    `selected` has room for all that there can be; its first `count` rows are
    [batch, class, box], the rest zeros.

    Example:

    ```mlir
    func.func @f(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %t: tensor<f32>) -> tensor<6x3xi64> {
      %m = nn.constant dense<3> : tensor<i64>
      %0:2 = nn.non_max_suppression %b, %s, %m, %t, %t : tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<6x3xi64>, tensor<1xi64>
      return %0#0 : tensor<6x3xi64>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$boxes, NN_FloatTensor:$scores,
                       NN_IndexTensor:$max_boxes, NN_FloatTensor:$iou_threshold,
                       NN_FloatTensor:$score_threshold, UnitAttr:$center_point);
  let results = (outs NN_IndexTensor:$selected, NN_IndexTensor:$count);
  let assemblyFormat = [{
    $boxes `,` $scores `,` $max_boxes `,` $iou_threshold `,` $score_threshold
    (`center_point` $center_point^)? attr-dict `:` type($boxes) `,` type($scores)
    `,` type($max_boxes) `,` type($iou_threshold) `,` type($score_threshold)
    `->` type($selected) `,` type($count)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNSELECTIONOPS_TD
