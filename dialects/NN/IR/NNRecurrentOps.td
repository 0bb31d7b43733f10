#ifndef NNC_DIALECTS_NN_IR_NNRECURRENTOPS_TD
#define NNC_DIALECTS_NN_IR_NNRECURRENTOPS_TD

include "dialects/NN/IR/NNDialect.td"
include "dialects/NN/IR/NNRecurrentAttrs.td"
include "nnc/Interfaces/DecomposableOpInterface.td"

def OpGroupRecurrent : OpDocGroup {
  let summary = "Recurrent cells";
  let description = [{
    One layer over a whole sequence. With S steps, batch N, I inputs, H hidden
    units, G gates and D directions (2 if bidirectional, else 1):

    | operand | shape | |
    | --- | --- | --- |
    | `x` | [S, N, I] | the inputs |
    | `w` | [D, G*H, I] | weights of the inputs, gate after gate |
    | `r` | [D, G*H, H] | weights of the state |
    | `bias` | [D, 2*G*H] | of `w` and then of `r`; absent: 0 |
    | `lengths` | [N] | steps of each sequence; absent: S |
    | `initial_h`, `initial_c` | [D, N, H] | first states; absent: 0 |
    | `peepholes` | [D, 3*H] | of the gates i, o, f; absent: 0 |

    Results: `y` [S, D, N, H], the state after each step, 0 after a sequence's
    end; `y_h` (and `y_c`) [D, N, H], the last states. A reverse direction
    starts at each sequence's last step. `clip`, where given, bounds the gates'
    inputs to [-clip, clip]. 16-bit floats are computed in f32. Each direction
    has its own `activations`, forward first.

    Without `w` the layer is projected: the inputs have met their weights before, for
    all steps at once. `x` is then [S, N, D*G*H], for each direction what its gates
    get from the inputs, without a bias, and `r` is [D, H, G*H]. Layers with
    constant weights decompose into that and one product, which reads each weight
    once and not once a step.
  }];
}

class NN_RecurrentOp<string mnemonic>
    : NN_Op<mnemonic, [
        AttrSizedOperandSegments,
        DeclareOpInterfaceMethods<CostOpInterface, ["getWork"]>,
        DeclareOpInterfaceMethods<DecomposableOpInterface,
                                  ["hasParts"]>]>;

def NN_Lengths : RankedTensorOf<[I32]>;

let opDocGroup = OpGroupRecurrent in {

def NN_LstmOp : NN_RecurrentOp<"lstm"> {
  let summary = "long short-term memory";
  let description = [{
    Four gates in the order i, o, f, c; three activations f, g, h a direction:

    ```
    i = f(x Wi^T + h Ri^T + Pi c + bi)
    f = f(x Wf^T + h Rf^T + Pf c + bf)      (input_forget: 1 - i)
    g = g(x Wc^T + h Rc^T + bc)
    c' = f c + i g
    o = f(x Wo^T + h Ro^T + Po c' + bo)
    h' = o h(c')
    ```

    Example:

    ```mlir
    func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>)
        -> tensor<5x1x2x4xf32> {
      %y, %h, %c = nn.lstm forward %x, %w, %r {activations = [#nn.activation<sigmoid>,
          #nn.activation<tanh>, #nn.activation<tanh>]}
        : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>)
        -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
      return %y : tensor<5x1x2x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$x, Optional<NN_FloatTensor>:$w, NN_FloatTensor:$r,
      Optional<NN_FloatTensor>:$bias, Optional<NN_Lengths>:$lengths,
      Optional<NN_FloatTensor>:$initial_h, Optional<NN_FloatTensor>:$initial_c,
      Optional<NN_FloatTensor>:$peepholes, NN_DirectionAttr:$direction,
      NN_ActivationArrayAttr:$activations, OptionalAttr<F64Attr>:$clip,
      UnitAttr:$input_forget);
  let results = (outs NN_FloatTensor:$y, NN_FloatTensor:$y_h, NN_FloatTensor:$y_c);
  let assemblyFormat = [{
    $direction $x `,` custom<RecurrentWeights>($w, $r) (`bias` $bias^)? (`lengths` $lengths^)?
    (`initial_h` $initial_h^)? (`initial_c` $initial_c^)?
    (`peepholes` $peepholes^)? attr-dict `:` functional-type(operands, results)
  }];
}

def NN_GruOp : NN_RecurrentOp<"gru"> {
  let summary = "gated recurrent unit";
  let description = [{
    Three gates in the order z, r, h; two activations f, g a direction:

    ```
    z = f(x Wz^T + h Rz^T + wbz + rbz)
    r = f(x Wr^T + h Rr^T + wbr + rbr)
    g = g(x Wh^T + (r h) Rh^T + wbh + rbh)
        (linear_before_reset: g(x Wh^T + wbh + r (h Rh^T + rbh)))
    h' = (1 - z) g + z h
    ```

    Example:

    ```mlir
    func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>)
        -> tensor<5x1x2x4xf32> {
      %y, %h = nn.gru reverse %x, %w, %r {linear_before_reset,
          activations = [#nn.activation<sigmoid>, #nn.activation<tanh>]}
        : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>)
        -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
      return %y : tensor<5x1x2x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$x, Optional<NN_FloatTensor>:$w, NN_FloatTensor:$r,
      Optional<NN_FloatTensor>:$bias, Optional<NN_Lengths>:$lengths,
      Optional<NN_FloatTensor>:$initial_h, NN_DirectionAttr:$direction,
      NN_ActivationArrayAttr:$activations, OptionalAttr<F64Attr>:$clip,
      UnitAttr:$linear_before_reset);
  let results = (outs NN_FloatTensor:$y, NN_FloatTensor:$y_h);
  let assemblyFormat = [{
    $direction $x `,` custom<RecurrentWeights>($w, $r) (`bias` $bias^)? (`lengths` $lengths^)?
    (`initial_h` $initial_h^)? attr-dict `:` functional-type(operands, results)
  }];
}

def NN_RnnOp : NN_RecurrentOp<"rnn"> {
  let summary = "simple recurrent layer";
  let description = [{
    `h' = f(x W^T + h R^T + wb + rb)`, one activation a direction.

    Example:

    ```mlir
    func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<2x4x3xf32>, %r: tensor<2x4x4xf32>)
        -> tensor<5x2x2x4xf32> {
      %y, %h = nn.rnn bidirectional %x, %w, %r
          {activations = [#nn.activation<tanh>, #nn.activation<relu>]}
        : (tensor<5x2x3xf32>, tensor<2x4x3xf32>, tensor<2x4x4xf32>)
        -> (tensor<5x2x2x4xf32>, tensor<2x2x4xf32>)
      return %y : tensor<5x2x2x4xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$x, Optional<NN_FloatTensor>:$w, NN_FloatTensor:$r,
      Optional<NN_FloatTensor>:$bias, Optional<NN_Lengths>:$lengths,
      Optional<NN_FloatTensor>:$initial_h, NN_DirectionAttr:$direction,
      NN_ActivationArrayAttr:$activations, OptionalAttr<F64Attr>:$clip);
  let results = (outs NN_FloatTensor:$y, NN_FloatTensor:$y_h);
  let assemblyFormat = [{
    $direction $x `,` custom<RecurrentWeights>($w, $r) (`bias` $bias^)? (`lengths` $lengths^)?
    (`initial_h` $initial_h^)? attr-dict `:` functional-type(operands, results)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNRECURRENTOPS_TD
