// Narrow types: compiled code against the reference, for numbers of all
// magnitudes, halfway cases, infinities and NaN, and several sizes of the free
// dimension. Outputs are codes, so that each bit counts.
//
// RUN: rm -rf %t && mkdir %t && cp %s %t/m.mlir && cd %t
// DEFINE: %{size} = 0
// DEFINE: %{check} = \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=n=%{size} --reference --output=y0=@y0.pb --output=y1=@y1.pb --output=y2=@y2.pb --output=y3=@y3.pb --output=y4=@y4.pb --output=y5=@y5.pb --output=y6=@y6.pb --output=y7=@y7.pb --output=y8=@y8.pb --output=y9=@y9.pb --output=y10=@y10.pb --output=y11=@y11.pb --output=y12=@y12.pb --output=y13=@y13.pb --output=y14=@y14.pb --output=y15=@y15.pb --output=y16=@y16.pb --output=y17=@y17.pb --output=y18=@y18.pb --output=y19=@y19.pb --output=y20=@y20.pb --output=y21=@y21.pb --output=y22=@y22.pb --output=y23=@y23.pb --output=y24=@y24.pb --output=y25=@y25.pb --output=y26=@y26.pb --output=y27=@y27.pb --output=y28=@y28.pb --output=y29=@y29.pb --output=y30=@y30.pb --output=y31=@y31.pb --output=y32=@y32.pb --output=y33=@y33.pb --output=y34=@y34.pb --output=y35=@y35.pb --output=y36=@y36.pb --output=y37=@y37.pb --output=y38=@y38.pb --output=y39=@y39.pb --output=y40=@y40.pb --output=y41=@y41.pb --output=y42=@y42.pb --output=y43=@y43.pb --output=y44=@y44.pb --output=y45=@y45.pb --output=y46=@y46.pb --output=y47=@y47.pb --output=y48=@y48.pb --output=y49=@y49.pb --output=y50=@y50.pb --output=y51=@y51.pb --output=y52=@y52.pb --output=y53=@y53.pb --output=y54=@y54.pb --output=y55=@y55.pb --output=y56=@y56.pb --output=y57=@y57.pb --output=y58=@y58.pb --output=y59=@y59.pb --output=y60=@y60.pb --output=y61=@y61.pb --output=y62=@y62.pb --output=y63=@y63.pb && \
// DEFINE:   nnc run m.mlir --random-seed=3 --dim=n=%{size} --rtol=0 --atol=0 --expected=y0=@y0.pb --expected=y1=@y1.pb --expected=y2=@y2.pb --expected=y3=@y3.pb --expected=y4=@y4.pb --expected=y5=@y5.pb --expected=y6=@y6.pb --expected=y7=@y7.pb --expected=y8=@y8.pb --expected=y9=@y9.pb --expected=y10=@y10.pb --expected=y11=@y11.pb --expected=y12=@y12.pb --expected=y13=@y13.pb --expected=y14=@y14.pb --expected=y15=@y15.pb --expected=y16=@y16.pb --expected=y17=@y17.pb --expected=y18=@y18.pb --expected=y19=@y19.pb --expected=y20=@y20.pb --expected=y21=@y21.pb --expected=y22=@y22.pb --expected=y23=@y23.pb --expected=y24=@y24.pb --expected=y25=@y25.pb --expected=y26=@y26.pb --expected=y27=@y27.pb --expected=y28=@y28.pb --expected=y29=@y29.pb --expected=y30=@y30.pb --expected=y31=@y31.pb --expected=y32=@y32.pb --expected=y33=@y33.pb --expected=y34=@y34.pb --expected=y35=@y35.pb --expected=y36=@y36.pb --expected=y37=@y37.pb --expected=y38=@y38.pb --expected=y39=@y39.pb --expected=y40=@y40.pb --expected=y41=@y41.pb --expected=y42=@y42.pb --expected=y43=@y43.pb --expected=y44=@y44.pb --expected=y45=@y45.pb --expected=y46=@y46.pb --expected=y47=@y47.pb --expected=y48=@y48.pb --expected=y49=@y49.pb --expected=y50=@y50.pb --expected=y51=@y51.pb --expected=y52=@y52.pb --expected=y53=@y53.pb --expected=y54=@y54.pb --expected=y55=@y55.pb --expected=y56=@y56.pb --expected=y57=@y57.pb --expected=y58=@y58.pb --expected=y59=@y59.pb --expected=y60=@y60.pb --expected=y61=@y61.pb --expected=y62=@y62.pb --expected=y63=@y63.pb
// RUN: %{check}
// REDEFINE: %{size} = 1
// RUN: %{check}
// REDEFINE: %{size} = 61
// RUN: %{check}

func.func @main(%x: tensor<?x8xf32> {nn.name = "x", nn.dim_names = ["n", ""]})
    -> (tensor<?x8xf8E4M3FN> {nn.name = "y0"}, tensor<?x8xf8E4M3FN> {nn.name = "y1"}, tensor<?x8xf8E4M3FN> {nn.name = "y2"}, tensor<?x8xf8E4M3FN> {nn.name = "y3"}, tensor<?x8xf32> {nn.name = "y4"}, tensor<?x8xf8E4M3FN> {nn.name = "y5"}, tensor<?x8xf32> {nn.name = "y6"}, tensor<?x8xf8E4M3FNUZ> {nn.name = "y7"}, tensor<?x8xf8E4M3FNUZ> {nn.name = "y8"}, tensor<?x8xf8E4M3FNUZ> {nn.name = "y9"}, tensor<?x8xf8E4M3FNUZ> {nn.name = "y10"}, tensor<?x8xf32> {nn.name = "y11"}, tensor<?x8xf8E4M3FNUZ> {nn.name = "y12"}, tensor<?x8xf32> {nn.name = "y13"}, tensor<?x8xf8E5M2> {nn.name = "y14"}, tensor<?x8xf8E5M2> {nn.name = "y15"}, tensor<?x8xf8E5M2> {nn.name = "y16"}, tensor<?x8xf8E5M2> {nn.name = "y17"}, tensor<?x8xf32> {nn.name = "y18"}, tensor<?x8xf8E5M2> {nn.name = "y19"}, tensor<?x8xf32> {nn.name = "y20"}, tensor<?x8xf8E5M2FNUZ> {nn.name = "y21"}, tensor<?x8xf8E5M2FNUZ> {nn.name = "y22"}, tensor<?x8xf8E5M2FNUZ> {nn.name = "y23"}, tensor<?x8xf8E5M2FNUZ> {nn.name = "y24"}, tensor<?x8xf32> {nn.name = "y25"}, tensor<?x8xf8E5M2FNUZ> {nn.name = "y26"}, tensor<?x8xf32> {nn.name = "y27"}, tensor<?x8xf4E2M1FN> {nn.name = "y28"}, tensor<?x8xf4E2M1FN> {nn.name = "y29"}, tensor<?x8xf4E2M1FN> {nn.name = "y30"}, tensor<?x8xf4E2M1FN> {nn.name = "y31"}, tensor<?x8xf32> {nn.name = "y32"}, tensor<?x8xf4E2M1FN> {nn.name = "y33"}, tensor<?x8xf32> {nn.name = "y34"}, tensor<?x8xf8E8M0FNU> {nn.name = "y35"}, tensor<?x8xf8E8M0FNU> {nn.name = "y36"}, tensor<?x8xf8E8M0FNU> {nn.name = "y37"}, tensor<?x8xf8E8M0FNU> {nn.name = "y38"}, tensor<?x8xf32> {nn.name = "y39"}, tensor<?x8xi4> {nn.name = "y40"}, tensor<?x8xi4> {nn.name = "y41"}, tensor<?x8xf32> {nn.name = "y42"}, tensor<?x8xi4> {nn.name = "y43"}, tensor<?x8xf32> {nn.name = "y44"}, tensor<?x8xui4> {nn.name = "y45"}, tensor<?x8xui4> {nn.name = "y46"}, tensor<?x8xf32> {nn.name = "y47"}, tensor<?x8xui4> {nn.name = "y48"}, tensor<?x8xf32> {nn.name = "y49"}, tensor<?x8xi2> {nn.name = "y50"}, tensor<?x8xi2> {nn.name = "y51"}, tensor<?x8xf32> {nn.name = "y52"}, tensor<?x8xi2> {nn.name = "y53"}, tensor<?x8xf32> {nn.name = "y54"}, tensor<?x8xui2> {nn.name = "y55"}, tensor<?x8xui2> {nn.name = "y56"}, tensor<?x8xf32> {nn.name = "y57"}, tensor<?x8xui2> {nn.name = "y58"}, tensor<?x8xf32> {nn.name = "y59"}, tensor<?x8xf8E8M0FNU> {nn.name = "y60"}, tensor<?x8xui8> {nn.name = "y61"}, tensor<8x?xi4> {nn.name = "y62"}, tensor<3x?xi4> {nn.name = "y63"}) attributes {nn.entry} {
  // 2^-40 to 2^40 by the row, with a fraction by the column; the last columns
  // are special.
  %scale = nn.constant dense<8.0> : tensor<f32>
  %half = nn.constant dense<0.5> : tensor<f32>
  %row = nn.mul %x, %scale : tensor<?x8xf32>, tensor<f32> -> tensor<?x8xf32>
  %five = nn.constant dense<5.0> : tensor<f32>
  %wide = nn.mul %row, %five : tensor<?x8xf32>, tensor<f32> -> tensor<?x8xf32>
  %two = nn.constant dense<2.0> : tensor<f32>
  %power = nn.pow %two, %wide : tensor<f32>, tensor<?x8xf32> -> tensor<?x8xf32>
  // Quarters from -32 to 32 are halfway between codes of many types.
  %four = nn.constant dense<4.0> : tensor<f32>
  %steps = nn.mul %wide, %four : tensor<?x8xf32>, tensor<f32> -> tensor<?x8xf32>
  %whole = nn.round %steps : tensor<?x8xf32> -> tensor<?x8xf32>
  %quarters = nn.div %whole, %four : tensor<?x8xf32>, tensor<f32> -> tensor<?x8xf32>
  %special = nn.constant dense<[0.0, -0.0, 0x7F800000, 0xFF800000, 0x7FC00000, 448.0, 464.0, 61440.0]> : tensor<8xf32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %sign = nn.constant dense<[[1.0], [-1.0]]> : tensor<2x1xf32>
  %ones = nn.mul %sign, %special : tensor<2x1xf32>, tensor<8xf32> -> tensor<2x8xf32>
  %all = nn.concat %power, %quarters, %ones axis 0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<2x8xf32> -> tensor<?x8xf32>
  %allh = nn.cast %all to f16 : tensor<?x8xf32> -> tensor<?x8xf16>
  %alld = nn.cast %all to f64 : tensor<?x8xf32> -> tensor<?x8xf64>
  %alli = nn.cast %all to i64 : tensor<?x8xf32> -> tensor<?x8xi64>
  %f8e4m3fn = nn.cast %all to f8E4M3FN : tensor<?x8xf32> -> tensor<?x8xf8E4M3FN>
  %f8e4m3fni = nn.cast %alli to f8E4M3FN : tensor<?x8xi64> -> tensor<?x8xf8E4M3FN>
  %f8e4m3fnu = nn.cast %allh to f8E4M3FN unsaturated : tensor<?x8xf16> -> tensor<?x8xf8E4M3FN>
  %f8e4m3fnd = nn.cast %alld to f8E4M3FN rounding nearest : tensor<?x8xf64> -> tensor<?x8xf8E4M3FN>
  %f8e4m3fnb = nn.cast %f8e4m3fn to f32 : tensor<?x8xf8E4M3FN> -> tensor<?x8xf32>
  %f8e4m3fnq = nn.quantize %x, %half to f8E4M3FN : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf8E4M3FN>
  %f8e4m3fnr = nn.dequantize %f8e4m3fnq, %half : (tensor<?x8xf8E4M3FN>, tensor<f32>) -> tensor<?x8xf32>
  %f8e4m3fnuz = nn.cast %all to f8E4M3FNUZ : tensor<?x8xf32> -> tensor<?x8xf8E4M3FNUZ>
  %f8e4m3fnuzi = nn.cast %alli to f8E4M3FNUZ : tensor<?x8xi64> -> tensor<?x8xf8E4M3FNUZ>
  %f8e4m3fnuzu = nn.cast %allh to f8E4M3FNUZ unsaturated : tensor<?x8xf16> -> tensor<?x8xf8E4M3FNUZ>
  %f8e4m3fnuzd = nn.cast %alld to f8E4M3FNUZ rounding nearest : tensor<?x8xf64> -> tensor<?x8xf8E4M3FNUZ>
  %f8e4m3fnuzb = nn.cast %f8e4m3fnuz to f32 : tensor<?x8xf8E4M3FNUZ> -> tensor<?x8xf32>
  %f8e4m3fnuzq = nn.quantize %x, %half to f8E4M3FNUZ : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf8E4M3FNUZ>
  %f8e4m3fnuzr = nn.dequantize %f8e4m3fnuzq, %half : (tensor<?x8xf8E4M3FNUZ>, tensor<f32>) -> tensor<?x8xf32>
  %f8e5m2 = nn.cast %all to f8E5M2 : tensor<?x8xf32> -> tensor<?x8xf8E5M2>
  %f8e5m2i = nn.cast %alli to f8E5M2 : tensor<?x8xi64> -> tensor<?x8xf8E5M2>
  %f8e5m2u = nn.cast %allh to f8E5M2 unsaturated : tensor<?x8xf16> -> tensor<?x8xf8E5M2>
  %f8e5m2d = nn.cast %alld to f8E5M2 rounding nearest : tensor<?x8xf64> -> tensor<?x8xf8E5M2>
  %f8e5m2b = nn.cast %f8e5m2 to f32 : tensor<?x8xf8E5M2> -> tensor<?x8xf32>
  %f8e5m2q = nn.quantize %x, %half to f8E5M2 : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf8E5M2>
  %f8e5m2r = nn.dequantize %f8e5m2q, %half : (tensor<?x8xf8E5M2>, tensor<f32>) -> tensor<?x8xf32>
  %f8e5m2fnuz = nn.cast %all to f8E5M2FNUZ : tensor<?x8xf32> -> tensor<?x8xf8E5M2FNUZ>
  %f8e5m2fnuzi = nn.cast %alli to f8E5M2FNUZ : tensor<?x8xi64> -> tensor<?x8xf8E5M2FNUZ>
  %f8e5m2fnuzu = nn.cast %allh to f8E5M2FNUZ unsaturated : tensor<?x8xf16> -> tensor<?x8xf8E5M2FNUZ>
  %f8e5m2fnuzd = nn.cast %alld to f8E5M2FNUZ rounding nearest : tensor<?x8xf64> -> tensor<?x8xf8E5M2FNUZ>
  %f8e5m2fnuzb = nn.cast %f8e5m2fnuz to f32 : tensor<?x8xf8E5M2FNUZ> -> tensor<?x8xf32>
  %f8e5m2fnuzq = nn.quantize %x, %half to f8E5M2FNUZ : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf8E5M2FNUZ>
  %f8e5m2fnuzr = nn.dequantize %f8e5m2fnuzq, %half : (tensor<?x8xf8E5M2FNUZ>, tensor<f32>) -> tensor<?x8xf32>
  %f4e2m1fn = nn.cast %all to f4E2M1FN : tensor<?x8xf32> -> tensor<?x8xf4E2M1FN>
  %f4e2m1fni = nn.cast %alli to f4E2M1FN : tensor<?x8xi64> -> tensor<?x8xf4E2M1FN>
  %f4e2m1fnu = nn.cast %allh to f4E2M1FN unsaturated : tensor<?x8xf16> -> tensor<?x8xf4E2M1FN>
  %f4e2m1fnd = nn.cast %alld to f4E2M1FN rounding nearest : tensor<?x8xf64> -> tensor<?x8xf4E2M1FN>
  %f4e2m1fnb = nn.cast %f4e2m1fn to f32 : tensor<?x8xf4E2M1FN> -> tensor<?x8xf32>
  %f4e2m1fnq = nn.quantize %x, %half to f4E2M1FN : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf4E2M1FN>
  %f4e2m1fnr = nn.dequantize %f4e2m1fnq, %half : (tensor<?x8xf4E2M1FN>, tensor<f32>) -> tensor<?x8xf32>
  %f8e8m0fnu = nn.cast %all to f8E8M0FNU : tensor<?x8xf32> -> tensor<?x8xf8E8M0FNU>
  %f8e8m0fnui = nn.cast %alli to f8E8M0FNU : tensor<?x8xi64> -> tensor<?x8xf8E8M0FNU>
  %f8e8m0fnuu = nn.cast %allh to f8E8M0FNU unsaturated : tensor<?x8xf16> -> tensor<?x8xf8E8M0FNU>
  %f8e8m0fnud = nn.cast %alld to f8E8M0FNU rounding nearest : tensor<?x8xf64> -> tensor<?x8xf8E8M0FNU>
  %f8e8m0fnub = nn.cast %f8e8m0fnu to f32 : tensor<?x8xf8E8M0FNU> -> tensor<?x8xf32>
  %i4 = nn.cast %all to i4 : tensor<?x8xf32> -> tensor<?x8xi4>
  %i4i = nn.cast %alli to i4 : tensor<?x8xi64> -> tensor<?x8xi4>
  %i4b = nn.cast %i4 to f32 : tensor<?x8xi4> -> tensor<?x8xf32>
  %i4q = nn.quantize %x, %half to i4 : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xi4>
  %i4r = nn.dequantize %i4q, %half : (tensor<?x8xi4>, tensor<f32>) -> tensor<?x8xf32>
  %ui4 = nn.cast %all to ui4 : tensor<?x8xf32> -> tensor<?x8xui4>
  %ui4i = nn.cast %alli to ui4 : tensor<?x8xi64> -> tensor<?x8xui4>
  %ui4b = nn.cast %ui4 to f32 : tensor<?x8xui4> -> tensor<?x8xf32>
  %ui4q = nn.quantize %x, %half to ui4 : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xui4>
  %ui4r = nn.dequantize %ui4q, %half : (tensor<?x8xui4>, tensor<f32>) -> tensor<?x8xf32>
  %i2 = nn.cast %all to i2 : tensor<?x8xf32> -> tensor<?x8xi2>
  %i2i = nn.cast %alli to i2 : tensor<?x8xi64> -> tensor<?x8xi2>
  %i2b = nn.cast %i2 to f32 : tensor<?x8xi2> -> tensor<?x8xf32>
  %i2q = nn.quantize %x, %half to i2 : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xi2>
  %i2r = nn.dequantize %i2q, %half : (tensor<?x8xi2>, tensor<f32>) -> tensor<?x8xf32>
  %ui2 = nn.cast %all to ui2 : tensor<?x8xf32> -> tensor<?x8xui2>
  %ui2i = nn.cast %alli to ui2 : tensor<?x8xi64> -> tensor<?x8xui2>
  %ui2b = nn.cast %ui2 to f32 : tensor<?x8xui2> -> tensor<?x8xf32>
  %ui2q = nn.quantize %x, %half to ui2 : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xui2>
  %ui2r = nn.dequantize %ui2q, %half : (tensor<?x8xui2>, tensor<f32>) -> tensor<?x8xf32>
  %down = nn.cast %all to f8E8M0FNU rounding down : tensor<?x8xf32> -> tensor<?x8xf8E8M0FNU>
  %bits = nn.bitcast %f8e4m3fn to ui8 : tensor<?x8xf8E4M3FN> -> tensor<?x8xui8>
  %moved = nn.transpose %i4 [1, 0] : tensor<?x8xi4> -> tensor<8x?xi4>
  %places = nn.constant dense<[7, 0, 3]> : tensor<3xi64>
  %taken = nn.gather %moved, %places axis 0 : tensor<8x?xi4>, tensor<3xi64> -> tensor<3x?xi4>
  return %f8e4m3fn, %f8e4m3fni, %f8e4m3fnu, %f8e4m3fnd, %f8e4m3fnb, %f8e4m3fnq, %f8e4m3fnr, %f8e4m3fnuz, %f8e4m3fnuzi, %f8e4m3fnuzu, %f8e4m3fnuzd, %f8e4m3fnuzb, %f8e4m3fnuzq, %f8e4m3fnuzr, %f8e5m2, %f8e5m2i, %f8e5m2u, %f8e5m2d, %f8e5m2b, %f8e5m2q, %f8e5m2r, %f8e5m2fnuz, %f8e5m2fnuzi, %f8e5m2fnuzu, %f8e5m2fnuzd, %f8e5m2fnuzb, %f8e5m2fnuzq, %f8e5m2fnuzr, %f4e2m1fn, %f4e2m1fni, %f4e2m1fnu, %f4e2m1fnd, %f4e2m1fnb, %f4e2m1fnq, %f4e2m1fnr, %f8e8m0fnu, %f8e8m0fnui, %f8e8m0fnuu, %f8e8m0fnud, %f8e8m0fnub, %i4, %i4i, %i4b, %i4q, %i4r, %ui4, %ui4i, %ui4b, %ui4q, %ui4r, %i2, %i2i, %i2b, %i2q, %i2r, %ui2, %ui2i, %ui2b, %ui2q, %ui2r, %down, %bits, %moved, %taken : tensor<?x8xf8E4M3FN>, tensor<?x8xf8E4M3FN>, tensor<?x8xf8E4M3FN>, tensor<?x8xf8E4M3FN>, tensor<?x8xf32>, tensor<?x8xf8E4M3FN>, tensor<?x8xf32>, tensor<?x8xf8E4M3FNUZ>, tensor<?x8xf8E4M3FNUZ>, tensor<?x8xf8E4M3FNUZ>, tensor<?x8xf8E4M3FNUZ>, tensor<?x8xf32>, tensor<?x8xf8E4M3FNUZ>, tensor<?x8xf32>, tensor<?x8xf8E5M2>, tensor<?x8xf8E5M2>, tensor<?x8xf8E5M2>, tensor<?x8xf8E5M2>, tensor<?x8xf32>, tensor<?x8xf8E5M2>, tensor<?x8xf32>, tensor<?x8xf8E5M2FNUZ>, tensor<?x8xf8E5M2FNUZ>, tensor<?x8xf8E5M2FNUZ>, tensor<?x8xf8E5M2FNUZ>, tensor<?x8xf32>, tensor<?x8xf8E5M2FNUZ>, tensor<?x8xf32>, tensor<?x8xf4E2M1FN>, tensor<?x8xf4E2M1FN>, tensor<?x8xf4E2M1FN>, tensor<?x8xf4E2M1FN>, tensor<?x8xf32>, tensor<?x8xf4E2M1FN>, tensor<?x8xf32>, tensor<?x8xf8E8M0FNU>, tensor<?x8xf8E8M0FNU>, tensor<?x8xf8E8M0FNU>, tensor<?x8xf8E8M0FNU>, tensor<?x8xf32>, tensor<?x8xi4>, tensor<?x8xi4>, tensor<?x8xf32>, tensor<?x8xi4>, tensor<?x8xf32>, tensor<?x8xui4>, tensor<?x8xui4>, tensor<?x8xf32>, tensor<?x8xui4>, tensor<?x8xf32>, tensor<?x8xi2>, tensor<?x8xi2>, tensor<?x8xf32>, tensor<?x8xi2>, tensor<?x8xf32>, tensor<?x8xui2>, tensor<?x8xui2>, tensor<?x8xf32>, tensor<?x8xui2>, tensor<?x8xf32>, tensor<?x8xf8E8M0FNU>, tensor<?x8xui8>, tensor<8x?xi4>, tensor<3x?xi4>
}
