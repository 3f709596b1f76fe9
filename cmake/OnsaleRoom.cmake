# onsale_room(<name> [LINK <targets>...] [PCH <headers>...])
#   One folder of src/ as one static library. A room links only the rooms above it in
#   ARCHITECTURE.md; tests/tidy checks that its includes do the same.
function(onsale_room name)
  cmake_parse_arguments(ROOM "" "" "LINK;PCH" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  list(REMOVE_ITEM sources "${CMAKE_SOURCE_DIR}/src/app/main.cpp")
  if(NOT sources)
    return()
  endif()
  add_library(onsale_${name} STATIC ${sources})
  target_link_libraries(onsale_${name} PUBLIC onsale_compiler ${ROOM_LINK})
  if(ROOM_PCH)
    target_precompile_headers(onsale_${name} PRIVATE ${ROOM_PCH})
  endif()
endfunction()

# onsale_test_options(<target>)
#   How the code of the tests themselves is compiled. -O2 takes up to half as long again,
#   and what they test, in the rooms' libraries, has it all the same.
function(onsale_test_options target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
endfunction()

# onsale_tests(<folder> [POSTGRES] LINK <targets>...)
#   Every *_test.cpp below tests/<folder> as one GoogleTest program, test_<folder>. With
#   POSTGRES its tests have the server of tests/CMakeLists.txt. The precompiled header is that
#   of onsale_test_support, whether the program links it or not.
function(onsale_tests name)
  cmake_parse_arguments(TESTS "POSTGRES" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${name}/*_test.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(test_${name} PRIVATE
    ${TESTS_LINK} onsale_compiler rapidcheck GTest::gmock GTest::gtest_main)
  target_compile_definitions(test_${name} PRIVATE ONSALE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_precompile_headers(test_${name} REUSE_FROM onsale_test_support)
  onsale_test_options(test_${name})
  set(properties TIMEOUT 300)
  if(TESTS_POSTGRES)
    list(APPEND properties FIXTURES_REQUIRED postgres
      ENVIRONMENT "ONSALE_TEST_POSTGRES=${ONSALE_TEST_POSTGRES}/url")
  endif()
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
    PROPERTIES ${properties})
endfunction()
