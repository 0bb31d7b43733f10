# The runtime and nnc-run for machines other than this one.

include(ExternalProject)

# A clang that makes programs for any machine whose headers and libraries are
# installed.
find_program(NNC_CROSS_CXX NAMES clang++-22 HINTS ${LLVM_TOOLS_BINARY_DIR})

# Whether a program for `triple` can be compiled and linked here.
function(nnc_check_cross triple result)
  set(folder ${CMAKE_BINARY_DIR}/cross/check-${triple})
  file(WRITE ${folder}/program.cpp
    "#include <string>\nint main(int n, char **) { return std::to_string(n).size() > 9; }\n")
  execute_process(
    COMMAND ${NNC_CROSS_CXX} --target=${triple} -fuse-ld=lld -pthread
            ${folder}/program.cpp -o ${folder}/program
    RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
  if(code EQUAL 0)
    set(${result} ON PARENT_SCOPE)
  else()
    set(${result} OFF PARENT_SCOPE)
  endif()
endfunction()

# nnc_add_cross(ARCH TRIPLE PACKAGE)
# Builds libnncrt.a and nnc-run for a machine in lib/ARCH of the build folder,
# where nnc looks for them, if this machine has what it takes: PACKAGE.
function(nnc_add_cross arch triple package)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL arch)
    return()
  endif()
  nnc_check_cross(${triple} can_link)
  if(NOT can_link)
    message(STATUS "No shared libraries for ${arch}: needs ${package}")
    return()
  endif()
  set(folder ${CMAKE_BINARY_DIR}/lib/${arch})
  ExternalProject_Add(nnc-${arch}
    SOURCE_DIR ${PROJECT_SOURCE_DIR}/tools/cross
    BINARY_DIR ${CMAKE_BINARY_DIR}/cross/${arch}
    PREFIX ${CMAKE_BINARY_DIR}/cross/${arch}-steps
    CMAKE_ARGS
      -DCMAKE_SYSTEM_NAME=Linux
      -DCMAKE_SYSTEM_PROCESSOR=${arch}
      -DCMAKE_BUILD_TYPE=Release
      "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG"
      -DCMAKE_CXX_COMPILER=${NNC_CROSS_CXX}
      -DCMAKE_CXX_COMPILER_TARGET=${triple}
      -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
      -DNNC_LIBRARY_DIR=${folder}
      -DNNC_TOOL_DIR=${folder}
      -DNNC_VERSION=${PROJECT_VERSION}
    BUILD_ALWAYS ON
    INSTALL_COMMAND ""
    BUILD_BYPRODUCTS ${folder}/libnncrt.a ${folder}/nnc-run)
  set_property(GLOBAL APPEND PROPERTY NNC_CROSS_TARGETS nnc-${arch})
endfunction()
