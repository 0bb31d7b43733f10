# cmake -DINPUT=file -DOUTPUT=file.inc -P EmbedText.cmake
# Writes a text file as a C++ string literal.
file(READ "${INPUT}" text)
if(text MATCHES "\\)nnctext\"")
  message(FATAL_ERROR "${INPUT}: holds the end mark of the literal")
endif()
file(WRITE "${OUTPUT}" "R\"nnctext(${text})nnctext\"\n")
