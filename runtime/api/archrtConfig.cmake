# find_package(archrt) defines the target archrt::archrt.
include(${CMAKE_CURRENT_LIST_DIR}/archrtTargets.cmake)
