#ifndef NNC_DIALECTS_NN_IR_NNSIGNALOPS_TD
#define NNC_DIALECTS_NN_IR_NNSIGNALOPS_TD

include "dialects/NN/IR/NNDialect.td"

def OpGroupSignal : OpDocGroup {
  let summary = "Signals and determinants";
  let description = "Windows, frames and Fourier transforms; determinants.";
}

let opDocGroup = OpGroupSignal in {

def NN_CosineWindowOp : NN_Op<"cosine_window", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "a window function that is a sum of cosines";
  let description = [{
    Element i of the result, which has `size` elements, is a0 - a1 cos(2 pi i / n)
    + a2 cos(4 pi i / n) with the three `coefficients`, and n = `size` if
    `periodic`, else `size` - 1, at least 1. Hann, Hamming and Blackman windows
    are of this form.

    Example:

    ```mlir
    func.func @hann(%n: tensor<i64>) -> tensor<?xf32> {
      %0 = nn.cosine_window %n [0.5, 0.5, 0.0] periodic {element_type = f32} : tensor<i64> -> tensor<?xf32>
      return %0 : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins NN_IndexTensor:$size, DenseF64ArrayAttr:$coefficients,
                       UnitAttr:$periodic, TypeAttr:$element_type);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $size $coefficients (`periodic` $periodic^)? attr-dict
    `:` type($size) `->` type($result)
  }];
}

def NN_FrameOp : NN_Op<"frame"> {
  let summary = "overlapping pieces of a signal";
  let description = [{
    `signal` is [batch, samples, components]. The result is [batch, frames,
    `length`, components], frame i being the samples from i * `step` on; only
    whole frames count. `length` and `step` are one number each, at least 1.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x128x1xf32>) -> tensor<1x15x16x1xf32> {
      %l = nn.constant dense<16> : tensor<i64>
      %s = nn.constant dense<8> : tensor<i64>
      %0 = nn.frame %x, %l, %s : tensor<1x128x1xf32>, tensor<i64>, tensor<i64> -> tensor<1x15x16x1xf32>
      return %0 : tensor<1x15x16x1xf32>
    }
    ```
  }];
  let arguments = (ins NN_Tensor:$signal, NN_IndexTensor:$length,
                       NN_IndexTensor:$step);
  let results = (outs NN_Tensor:$result);
  let assemblyFormat = [{
    $signal `,` $length `,` $step attr-dict `:` type($signal) `,` type($length)
    `,` type($step) `->` type($result)
  }];
}

def NN_DFTOp : NN_Op<"dft", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "the discrete Fourier transform along an axis";
  let description = [{
    The last axis holds real and imaginary part: 2 components, or 1 for a real
    signal; the result has 2. The signal is cut or zero-padded to `length`
    elements along `axis`. `inverse` divides by the length; `onesided` gives only
    the first length / 2 + 1 elements.

    Example:

    ```mlir
    func.func @f(%x: tensor<1x16x1xf32>) -> tensor<1x9x2xf32> {
      %n = nn.constant dense<16> : tensor<i64>
      %0 = nn.dft %x, %n axis 1 onesided : tensor<1x16x1xf32>, tensor<i64> -> tensor<1x9x2xf32>
      return %0 : tensor<1x9x2xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$signal, NN_IndexTensor:$length,
                       I64Attr:$axis, UnitAttr:$inverse, UnitAttr:$onesided);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = [{
    $signal `,` $length `axis` $axis (`inverse` $inverse^)? (`onesided` $onesided^)?
    attr-dict `:` type($signal) `,` type($length) `->` type($result)
  }];
}

def NN_DetOp : NN_Op<"det", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "determinants of the matrices in the last two axes";
  let description = [{
    The determinant of a matrix of size 0 is 1.

    Example:

    ```mlir
    func.func @f(%x: tensor<5x3x3xf32>) -> tensor<5xf32> {
      %0 = nn.det %x : tensor<5x3x3xf32> -> tensor<5xf32>
      return %0 : tensor<5xf32>
    }
    ```
  }];
  let arguments = (ins NN_FloatTensor:$input);
  let results = (outs NN_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NN_MelWeightMatrixOp : NN_Op<"mel_weight_matrix", [DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "triangular filters, evenly spaced on the mel scale";
  let description = [{
    The result, [`dft_length` / 2 + 1, `bands`], turns the bins of a spectrum of
    a signal of `sample_rate` into bands between the edges, which are in Hertz.
    Band b rises from the bin of edge b to that of edge b + 1 and falls to that
    of edge b + 2; 2595 log10(1 + hertz / 700) is the mel scale.

    Example:

    ```mlir
    func.func @f(%n: tensor<i64>, %rate: tensor<i64>, %low: tensor<f32>, %high: tensor<f32>) -> tensor<9x8xf32> {
      %b = nn.constant dense<8> : tensor<i64>
      %d = nn.constant dense<16> : tensor<i64>
      %0 = nn.mel_weight_matrix %b, %d, %rate, %low, %high {element_type = f32}
        : tensor<i64>, tensor<i64>, tensor<i64>, tensor<f32>, tensor<f32> -> tensor<9x8xf32>
      return %0 : tensor<9x8xf32>
    }
    ```
  }];
  let arguments = (ins NN_IndexTensor:$bands, NN_IndexTensor:$dft_length,
    NN_IndexTensor:$sample_rate, NN_FloatTensor:$lower_edge,
    NN_FloatTensor:$upper_edge, TypeAttr:$element_type);
  let results = (outs NN_NumberTensor:$result);
  let assemblyFormat = [{
    $bands `,` $dft_length `,` $sample_rate `,` $lower_edge `,` $upper_edge
    attr-dict `:` type(operands) `->` type($result)
  }];
}

} // let opDocGroup

#endif // NNC_DIALECTS_NN_IR_NNSIGNALOPS_TD
