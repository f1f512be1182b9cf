# SPDX-License-Identifier: GPL-3.0-or-later
# The few rules by which every target of the tree is built.

find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)
if(AHOY_APPS OR AHOY_TESTS OR AHOY_FUZZ OR AHOY_BENCH) # the library alone needs no GLib
  pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0 gio-2.0 gio-unix-2.0 gobject-2.0)
endif()

set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# What developers and tests run keeps its assertions; only Release leaves them out.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

add_library(ahoy-flags INTERFACE)
target_include_directories(ahoy-flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(ahoy-flags INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
  -Wpointer-arith -Wwrite-strings -Wvla -Wimplicit-fallthrough -Wformat=2 -fno-strict-aliasing
  -fvisibility=hidden)
if(AHOY_SANITIZE)
  target_compile_options(ahoy-flags INTERFACE -fsanitize=${AHOY_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(ahoy-flags INTERFACE -fsanitize=${AHOY_SANITIZE})
endif()
if(AHOY_FUZZ)
  target_compile_options(ahoy-flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(AHOY_COVERAGE)
  target_compile_options(ahoy-flags INTERFACE --coverage -O0)
  target_link_options(ahoy-flags INTERFACE --coverage)
endif()

# ahoy_core(NAME SOURCES... [LIBS ...]): one room of core, strict C11, no GLib.
function(ahoy_core name)
  cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)
  target_link_libraries(${name} PUBLIC ahoy-flags ${A_LIBS})
endfunction()

# ahoy_app(NAME SOURCES... [LIBS ...]): one room above core, gnu11.
function(ahoy_app name)
  cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
  target_link_libraries(${name} PUBLIC ahoy-flags PkgConfig::GLIB ${A_LIBS})
endfunction()

# ahoy_test(NAME SOURCES... [LIBS ...] [LABELS ...]): a GTest program, run by ctest.
function(ahoy_test name)
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;LIBS;LABELS;ARGS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
  target_link_libraries(${name} PRIVATE ahoy-flags PkgConfig::GLIB ${A_LIBS})
  if(AHOY_SANITIZE STREQUAL thread) # what GLib's locks order, which the sanitizer cannot see
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/tsan-glib.c)
    target_link_libraries(${name} PRIVATE ${CMAKE_DL_LIBS})
  endif()
  add_test(NAME ${name} COMMAND ${name} ${A_ARGS})
  if(NOT A_LABELS)
    set(A_LABELS unit)
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}" TIMEOUT ${A_TIMEOUT})
endfunction()

# ahoy_fuzz(NAME SOURCES... [LIBS ...] [PLACES N]): a fuzz target, starting from the seeds in seeds/NAME without "fuzz-".
# With AHOY_FUZZ it is a libFuzzer program; else a unit test that runs the seeds, each also cut at every length (or at N).
function(ahoy_fuzz name)
  cmake_parse_arguments(A "" "PLACES" "SOURCES;LIBS" ${ARGN})
  string(REGEX REPLACE "^fuzz-" "" part ${name})
  set(seeds ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${part})
  if(AHOY_FUZZ)
    add_executable(${name} ${A_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${name}-seeds COMMAND ${name} -runs=0 ${seeds})
  else()
    add_executable(${name} ${A_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.c)
    target_link_libraries(${name} PRIVATE PkgConfig::GLIB)
    if(NOT A_PLACES)
      set(A_PLACES 4096)
    endif()
    add_test(NAME ${name}-seeds COMMAND ${name} ${A_PLACES} ${seeds})
  endif()
  set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
  target_link_libraries(${name} PRIVATE ahoy-flags ${A_LIBS})
  set_tests_properties(${name}-seeds PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
