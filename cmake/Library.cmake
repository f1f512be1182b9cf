# SPDX-License-Identifier: Apache-2.0
# libahoy-rtmfp: the engine and its Flash layer as a library of their own, static and shared, with the headers of
# its public face, a reference made from them, and files for pkg-config and CMake. Install component: library.
set(library_rooms base wire crypto congestion flow session endpoint amf rtmp net)
set(library_headers
  base/address.h base/buffer.h base/bytes.h base/deadlines.h base/log.h base/rng.h base/slots.h base/status.h
  crypto/certificate.h crypto/epd.h crypto/profile.h
  session/capture.h session/job.h session/types.h
  flow/params.h
  endpoint/endpoint.h
  amf/amf.h amf/params.h
  rtmp/media-tag.h
  net/net.h net/params.h)

set(library_objects)
foreach(room ${library_rooms})
  list(APPEND library_objects $<TARGET_OBJECTS:ahoy-${room}>)
endforeach()

# Before 1.0 each minor version has a binary interface of its own.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(library_abi ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
else()
  set(library_abi ${PROJECT_VERSION_MAJOR})
endif()
set(library_exports ${CMAKE_BINARY_DIR}/ahoy-rtmfp.map)
configure_file(${CMAKE_SOURCE_DIR}/cmake/ahoy-rtmfp.map.in ${library_exports} @ONLY)

add_library(ahoy-rtmfp SHARED ${library_objects})
set_target_properties(ahoy-rtmfp PROPERTIES
  LINKER_LANGUAGE C VERSION ${PROJECT_VERSION} SOVERSION ${library_abi} LINK_DEPENDS ${library_exports})
target_link_options(ahoy-rtmfp PRIVATE -Wl,--version-script=${library_exports})
target_link_libraries(ahoy-rtmfp PRIVATE ahoy-flags OpenSSL::Crypto m)

# One object, so that names without the prefix stay inside the static library too.
set(library_whole ${CMAKE_BINARY_DIR}/ahoy-rtmfp-whole.o)
add_custom_command(
  OUTPUT ${library_whole}
  COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o ${library_whole} ${library_objects}
  COMMAND ${CMAKE_OBJCOPY} --wildcard "--keep-global-symbol=rtmfp_*" ${library_whole}
  DEPENDS ${library_objects}
  COMMAND_EXPAND_LISTS VERBATIM)
set_source_files_properties(${library_whole} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
add_library(ahoy-rtmfp-static STATIC ${library_whole})
set_target_properties(ahoy-rtmfp-static PROPERTIES LINKER_LANGUAGE C OUTPUT_NAME ahoy-rtmfp)

# The pkg-config file finds its prefix from its own place, so that cmake --install may be given another one.
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pkgconfig_to_prefix /p/${pkgconfig_dir} /p)
string(REGEX REPLACE "/$" "" pkgconfig_to_prefix ${pkgconfig_to_prefix})
configure_file(${CMAKE_SOURCE_DIR}/cmake/ahoy-rtmfp.pc.in ${CMAKE_BINARY_DIR}/ahoy-rtmfp.pc @ONLY)

install(TARGETS ahoy-rtmfp
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT library)
install(TARGETS ahoy-rtmfp-static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
foreach(header ${library_headers})
  get_filename_component(room ${header} DIRECTORY)
  install(FILES ${CMAKE_SOURCE_DIR}/core/${header}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ahoy-rtmfp/core/${room} COMPONENT library)
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/data/wireshark/rtmfp.lua
  DESTINATION ${CMAKE_INSTALL_DATADIR}/ahoy/wireshark COMPONENT library)
install(FILES ${CMAKE_BINARY_DIR}/ahoy-rtmfp.pc DESTINATION ${pkgconfig_dir} COMPONENT library)
install(FILES ${CMAKE_SOURCE_DIR}/data/man/rtmfp.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT library)

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ahoy-rtmfp)
file(RELATIVE_PATH cmake_to_prefix /p/${cmake_dir} /p)
configure_file(${CMAKE_SOURCE_DIR}/cmake/ahoy-rtmfp-config.cmake.in ${CMAKE_BINARY_DIR}/ahoy-rtmfp-config.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/ahoy-rtmfp-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/ahoy-rtmfp-config.cmake ${CMAKE_BINARY_DIR}/ahoy-rtmfp-config-version.cmake
  DESTINATION ${cmake_dir} COMPONENT library)

# The reference: man pages and HTML from the headers. The build fails where something public has no words.
find_program(PYTHON3 python3)
if(PYTHON3)
  set(reference_dir ${CMAKE_BINARY_DIR}/reference)
  set(reference_headers ${library_headers})
  list(TRANSFORM reference_headers PREPEND core/)
  set(reference_sources ${reference_headers})
  list(TRANSFORM reference_sources PREPEND ${CMAKE_SOURCE_DIR}/)
  add_custom_command(
    OUTPUT ${reference_dir}/stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${reference_dir}
    COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/cmake/reference.py ${CMAKE_SOURCE_DIR} ${reference_dir} ${PROJECT_VERSION} ${reference_headers}
    COMMAND ${CMAKE_COMMAND} -E touch ${reference_dir}/stamp
    DEPENDS ${CMAKE_SOURCE_DIR}/cmake/reference.py ${reference_sources}
    VERBATIM)
  add_custom_target(ahoy-rtmfp-reference ALL DEPENDS ${reference_dir}/stamp)
  install(DIRECTORY ${reference_dir}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT library)
  install(DIRECTORY ${reference_dir}/html/ DESTINATION ${CMAKE_INSTALL_DOCDIR}-rtmfp/reference COMPONENT library)
endif()
