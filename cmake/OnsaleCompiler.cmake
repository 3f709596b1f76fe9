# Everything the compiler is told that is the same for every room.
add_library(onsale_compiler INTERFACE)
target_compile_options(onsale_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -fdiagnostics-color=auto
  # Designated initialisers name what differs from the default; the rest is meant.
  -Wno-missing-field-initializers)
target_include_directories(onsale_compiler INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(onsale_compiler INTERFACE ONSALE_VERSION="${PROJECT_VERSION}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside inlined standard and Boost code where nothing is wrong
  # (GCC bugs 105562, 105329, 107138); the sanitizer builds look for the real thing.
  target_compile_options(onsale_compiler INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    -Wno-stringop-overread -Wno-mismatched-new-delete)
endif()

if(ONSALE_SANITIZE)
  add_compile_options(-fsanitize=${ONSALE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ONSALE_SANITIZE})
  if(ONSALE_SANITIZE MATCHES "undefined")
    # Without the two checks that are made at each access of a pointer: AddressSanitizer sees a
    # null one anyway, and they take a third of the compile time.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=null,alignment)
  endif()
  if(ONSALE_SANITIZE MATCHES "thread")
    # Asio uses a fence that ThreadSanitizer does not model; GCC warns of each use.
    add_compile_options(-Wno-tsan)
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
