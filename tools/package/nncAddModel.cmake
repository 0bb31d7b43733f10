# nnc_add_model(TARGET MODEL [SHARED] [DEPENDS files...] [options of nnc compile])
#
# A library that holds a compiled model, with the header TARGET.h and symbols
# TARGET_create, TARGET_run, …, made again when the model changes. MODEL is a
# file or a folder with model.onnx. Without SHARED the library is static. DEPENDS
# names what else the model is made of: files of its weights, of calibration.
#
#   nnc_add_model(digits models/digits.onnx --dim=N=1 --target=x86-64-v3)
#   target_link_libraries(program PRIVATE digits)
function(nnc_add_model target model)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "SHARED" "" "DEPENDS")
  if(NOT target MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "nnc_add_model: '${target}' starts the names of C "
      "functions; expected letters, digits and '_'")
  endif()
  # What looks like an option among the files is one of nnc compile.
  set(options ${ARG_UNPARSED_ARGUMENTS})
  set(files)
  foreach(word ${ARG_DEPENDS})
    if(word MATCHES "^-")
      list(APPEND options ${word})
    else()
      list(APPEND files ${word})
    endif()
  endforeach()
  cmake_path(ABSOLUTE_PATH model BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT EXISTS ${model})
    message(FATAL_ERROR "nnc_add_model: there is no model '${model}'")
  endif()
  set(source ${model})
  if(IS_DIRECTORY ${model})
    set(source ${model}/model.onnx)
  endif()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/nnc/${target})
  file(MAKE_DIRECTORY ${folder})
  if(ARG_SHARED)
    set(kind SHARED)
    set(library ${folder}/${target}.so)
  else()
    set(kind STATIC)
    set(library ${folder}/${target}.a)
  endif()
  add_custom_command(OUTPUT ${library} ${folder}/${target}.h
    COMMAND nnc::nnc compile ${model} -o ${library} ${options}
    DEPENDS ${source} ${files} nnc::nnc
    COMMENT "Compiling model ${target}"
    VERBATIM)
  add_custom_target(${target}-compile DEPENDS ${library} ${folder}/${target}.h)
  add_library(${target} ${kind} IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${library}
    INTERFACE_INCLUDE_DIRECTORIES ${folder})
  if(ARG_SHARED)
    set_target_properties(${target} PROPERTIES IMPORTED_NO_SONAME ON)
  else()
    set_target_properties(${target} PROPERTIES
      INTERFACE_LINK_LIBRARIES nnc::runtime)
  endif()
  add_dependencies(${target} ${target}-compile)
endfunction()
