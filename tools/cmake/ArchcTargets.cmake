# Helpers shared by every CMakeLists.txt of the project.

# archc_library(NAME FOLDERS...): a static library of all sources of the folders (found by globbing: adding a file edits no list).
# Objects register kinds and ops at start-up, so consumers link it whole with archc_link_whole().
function(archc_library name)
  set(sources)
  foreach(folder ${ARGN})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
endfunction()

# Name a library before those it depends on: the linker would otherwise see the latter twice, whole.
function(archc_link_whole target)
  foreach(library ${ARGN})
    target_link_libraries(${target} PRIVATE ${library})
    # Also where the library comes in again behind another one.
    set_property(TARGET ${target} PROPERTY LINK_LIBRARY_OVERRIDE_${library} WHOLE_ARCHIVE)
  endforeach()
endfunction()

# archc_unit_tests(NAME LIBRARIES...): a GoogleTest program `NAME` of all *Test.cpp of the current folder and below, but for folders
# with a CMakeLists.txt of their own.
function(archc_unit_tests name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*Test.cpp)
  file(GLOB_RECURSE lists ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(list ${lists})
    get_filename_component(folder ${list} DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_definitions(${name} PRIVATE ARCHC_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  archc_link_whole(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unit)
  set_property(GLOBAL APPEND PROPERTY ARCHC_UNIT_TESTS ${name})
endfunction()
