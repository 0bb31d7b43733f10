# libonnx-dev comes without a CMake configuration. Gives ONNX::onnx: protobuf
# classes, text parser and the macros that the headers need.
find_path(ONNX_INCLUDE_DIR onnx/onnx-ml.pb.h)
find_library(ONNX_LIBRARY onnx)
find_library(ONNX_PROTO_LIBRARY onnx_proto)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ONNX
  REQUIRED_VARS ONNX_LIBRARY ONNX_PROTO_LIBRARY ONNX_INCLUDE_DIR)
mark_as_advanced(ONNX_LIBRARY ONNX_PROTO_LIBRARY ONNX_INCLUDE_DIR)

if(ONNX_FOUND AND NOT TARGET ONNX::onnx)
  add_library(ONNX::onnx INTERFACE IMPORTED)
  target_include_directories(ONNX::onnx SYSTEM INTERFACE ${ONNX_INCLUDE_DIR})
  target_compile_definitions(ONNX::onnx INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
  target_link_libraries(ONNX::onnx INTERFACE
    ${ONNX_LIBRARY} ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
endif()
