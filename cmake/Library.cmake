# SPDX-License-Identifier: Apache-2.0
# libahoy-rtmfp: the engine and its Flash layer as a library of their own, static and shared, with the headers of
# its public face and a pkg-config file. Install component: library.
set(library_rooms base wire crypto congestion flow session endpoint amf rtmp net)
set(library_headers
  base/address.h base/buffer.h base/bytes.h base/deadlines.h base/log.h base/rng.h base/slots.h base/status.h
  crypto/certificate.h crypto/epd.h crypto/profile.h
  session/job.h session/types.h
  flow/params.h
  endpoint/endpoint.h
  amf/amf.h amf/params.h
  rtmp/media-tag.h
  net/net.h net/params.h)

set(library_objects)
foreach(room ${library_rooms})
  list(APPEND library_objects $<TARGET_OBJECTS:ahoy-${room}>)
endforeach()
set(library_exports ${CMAKE_SOURCE_DIR}/cmake/ahoy-rtmfp.map)

add_library(ahoy-rtmfp SHARED ${library_objects})
set_target_properties(ahoy-rtmfp PROPERTIES
  LINKER_LANGUAGE C VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${library_exports})
target_link_options(ahoy-rtmfp PRIVATE -Wl,--version-script=${library_exports})
target_link_libraries(ahoy-rtmfp PRIVATE ahoy-flags OpenSSL::Crypto m)

add_library(ahoy-rtmfp-static STATIC ${library_objects})
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
install(FILES ${CMAKE_SOURCE_DIR}/data/man/ahoy-rtmfp.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3 COMPONENT library)
