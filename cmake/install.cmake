# What is installed: the libraries and their public headers, the command, and how find_package and pkg-config find
# them. The tree may be moved after installing.
include(CMakePackageConfigHelpers)

set(installed weir_framing weir)
set(package_names weir weir-framing)
if(WEIR_TLS)
    list(APPEND installed weir_tls)
    list(APPEND package_names weir-tls)
endif()
install(TARGETS ${installed} EXPORT weirTargets FILE_SET HEADERS)
if(WEIR_TOOL)
    install(TARGETS weir_command)
endif()

# Whole programs to begin with: each compiles by the line that the documentation prints.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
    FILES_MATCHING PATTERN "*.cpp" PATTERN "*.h")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weir)
install(EXPORT weirTargets NAMESPACE weir:: DESTINATION ${package_dir})
configure_package_config_file(cmake/weirConfig.cmake.in ${PROJECT_BINARY_DIR}/weirConfig.cmake
    INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change anything.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/weirConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/weirConfig.cmake ${PROJECT_BINARY_DIR}/weirConfigVersion.cmake
    DESTINATION ${package_dir})

file(RELATIVE_PATH pc_up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(pc_libdir "\${prefix}")
cmake_path(APPEND pc_libdir ${CMAKE_INSTALL_LIBDIR})
set(pc_includedir "\${prefix}")
cmake_path(APPEND pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
# What a static library needs besides, its user links; a shared one brings it.
set(pc_more_libs "")
if(WEIR_URING AND NOT BUILD_SHARED_LIBS)
    set(pc_more_libs " -luring")
endif()
set(pc_tls_libs "")
if(NOT BUILD_SHARED_LIBS)
    set(pc_tls_libs " -lssl -lcrypto")
endif()
foreach(name IN LISTS package_names)
    configure_file(packaging/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
