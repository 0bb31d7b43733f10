# Thin wrappers over the LLVM and MLIR macros, so that a folder's CMakeLists.txt
# is a list of files and of what they need.

set(NNC_WARNING_FLAGS -Wall -Wextra -Wno-unused-parameter)
if(NNC_SANITIZE)
  set(NNC_SANITIZE_FLAGS -fsanitize=${NNC_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize=vptr)
  add_link_options(-fsanitize=${NNC_SANITIZE})
endif()

# Where archives and programs go; what is built for another machine sets its own.
if(NOT NNC_LIBRARY_DIR)
  set(NNC_LIBRARY_DIR ${CMAKE_BINARY_DIR}/lib)
endif()
if(NOT NNC_TOOL_DIR)
  set(NNC_TOOL_DIR ${CMAKE_BINARY_DIR}/bin)
endif()

# A target with the precompiled MLIR headers, made once and reused by every
# library that includes MLIR.
function(nnc_use_mlir_pch target)
  if(NNC_USE_PCH)
    target_precompile_headers(${target} REUSE_FROM NNCPrecompiledHeaders)
  endif()
endfunction()

# nnc_add_library(NAME files... [DEPENDS targets...] [LINK_LIBS ours...]
#                 [MLIR_LIBS MLIR...])
# A library of the compiler, linked against libMLIR.so and libLLVM.so.
function(nnc_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS;MLIR_LIBS" ${ARGN})
  add_mlir_library(${name} ${ARG_UNPARSED_ARGUMENTS} DISABLE_INSTALL
                   DEPENDS ${ARG_DEPENDS})
  nnc_target_options(${name} "${ARG_LINK_LIBS}" "${ARG_MLIR_LIBS}")
endfunction()

# The same for a dialect.
function(nnc_add_dialect_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS;MLIR_LIBS" ${ARGN})
  add_mlir_dialect_library(${name} ${ARG_UNPARSED_ARGUMENTS} DISABLE_INSTALL
                           DEPENDS ${ARG_DEPENDS})
  nnc_target_options(${name} "${ARG_LINK_LIBS}" "${ARG_MLIR_LIBS}")
endfunction()

function(nnc_target_options name link_libs mlir_libs)
  target_link_libraries(${name} PUBLIC ${link_libs})
  mlir_target_link_libraries(${name} PUBLIC MLIRIR ${mlir_libs})
  # The macros compile in an object library beside the one that is linked.
  set(compiled ${name})
  if(TARGET obj.${name})
    set(compiled obj.${name})
    target_link_libraries(${compiled} ${link_libs})
  endif()
  target_compile_options(${compiled} PRIVATE ${NNC_WARNING_FLAGS} ${NNC_SANITIZE_FLAGS})
  nnc_use_mlir_pch(${compiled})
endfunction()

# nnc_add_plain_library(NAME files... [LINK_LIBS ...])
# A library that links neither LLVM nor MLIR.
function(nnc_add_plain_library name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    ARCHIVE_OUTPUT_DIRECTORY ${NNC_LIBRARY_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  target_compile_options(${name} PRIVATE ${NNC_WARNING_FLAGS} ${NNC_SANITIZE_FLAGS})
endfunction()

# nnc_add_tool(NAME files... [LINK_LIBS ours...] [MLIR_LIBS MLIR...])
function(nnc_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS;MLIR_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${NNC_TOOL_DIR})
  target_compile_options(${name} PRIVATE ${NNC_WARNING_FLAGS} ${NNC_SANITIZE_FLAGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  if(ARG_MLIR_LIBS)
    mlir_target_link_libraries(${name} PRIVATE ${ARG_MLIR_LIBS})
  endif()
endfunction()

# For code that ends up in compiled models: C++ that leaves no symbol of the C++
# library undefined and exports nothing from a shared library.
function(nnc_link_without_cxx_library name)
  target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti
    -fno-threadsafe-statics -fvisibility=hidden)
  # Atomics would call functions of the compiler's library, which models do not
  # link.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(${name} PRIVATE -mno-outline-atomics)
  endif()
endfunction()

# nnc_add_unittest(NAME files... [LINK_LIBS ...])
# A GoogleTest program, build/test/unit/NAME. The target NNCUnitTests builds all
# of them, ctest runs them.
function(nnc_add_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/unit)
  target_compile_options(${name} PRIVATE ${NNC_WARNING_FLAGS} ${NNC_SANITIZE_FLAGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  add_dependencies(NNCUnitTests ${name})
endfunction()
