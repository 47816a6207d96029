# Helpers for the parts that use MLIR. Only the shared libraries MLIR and LLVM are linked: a static archive beside them would
# bring a second copy of every registry.
find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
set(ARCHC_MLIR_TBLGEN ${LLVM_TOOLS_BINARY_DIR}/mlir-tblgen)
if(NOT EXISTS ${ARCHC_MLIR_TBLGEN})
  message(FATAL_ERROR "`mlir-tblgen` not found in `${LLVM_TOOLS_BINARY_DIR}`; install `mlir-22-tools`")
endif()

# archc_tablegen(FILE TARGET [OUTPUT FLAGS]...): runs mlir-tblgen once per output (several flags: "-a -b"); every .td of the folder
# is a dependency.
function(archc_tablegen file target)
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR}/${file} DIRECTORY)
  file(GLOB_RECURSE definitions CONFIGURE_DEPENDS ${folder}/*.td)
  set(outputs)
  while(ARGN)
    list(POP_FRONT ARGN output flags)
    separate_arguments(flags)
    set(path ${CMAKE_CURRENT_BINARY_DIR}/${output})
    get_filename_component(parent ${path} DIRECTORY)
    file(MAKE_DIRECTORY ${parent})
    add_custom_command(OUTPUT ${path}
      COMMAND ${ARCHC_MLIR_TBLGEN} ${flags} -I ${CMAKE_SOURCE_DIR} -I ${MLIR_INCLUDE_DIRS} --write-if-changed
              ${CMAKE_CURRENT_SOURCE_DIR}/${file} -o ${path}
      DEPENDS ${definitions} COMMENT "TableGen ${output}" VERBATIM)
    list(APPEND outputs ${path})
  endwhile()
  add_custom_target(${target} DEPENDS ${outputs})
endfunction()

# archc_mlir_target(TARGET): compile and link settings of code that uses MLIR. -O1, because compile time is a budget and passes
# are not where time goes.
function(archc_mlir_target target)
  target_include_directories(${target} SYSTEM PUBLIC ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_options(${target} PRIVATE -O1 -fno-exceptions)
  target_link_libraries(${target} PUBLIC MLIR LLVM)
endfunction()

# archc_mlir_library(NAME FOLDERS...): archc_library for code that uses MLIR.
function(archc_mlir_library name)
  archc_library(${name} ${ARGN})
  archc_mlir_target(${name})
endfunction()
