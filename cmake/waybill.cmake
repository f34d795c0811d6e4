# One static library per folder: waybill_library(<folder> <libraries it uses>...) takes all sources of the folder and of
# its rooms.

# Several sources are compiled as one: their common headers are read once, and a build from nothing takes half the time. Off,
# one changed source is compiled alone. No source may depend on it.
option(WAYBILL_UNITY "compile several sources of a folder as one" OFF)
option(WAYBILL_PRECOMPILED "compile what most tests include once for all of them" ON)
set(CMAKE_UNITY_BUILD ${WAYBILL_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)

# Compiles ours with every warning as an error; headers of others are SYSTEM and stay silent.
add_library(waybill_options INTERFACE)
target_include_directories(waybill_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(waybill_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The same with and without WAYBILL_UNITY: what another source declares at namespace scope is not shadowed.
  target_compile_options(waybill_options INTERFACE -Wshadow=local)
  # g++ looks for garbage when it has 1 GiB, not 128 MiB: a tenth of its time.
  target_compile_options(waybill_options INTERFACE "SHELL:--param ggc-min-heapsize=1048576")
endif()
if(WAYBILL_UNITY)
  # g++ 12 takes a coroutine's frame for a type of a header.
  target_compile_options(waybill_options INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_FLAGS_DEBUG MATCHES "-fsanitize" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 takes instrumented code of its own library for uninitialized.
  target_compile_options(waybill_options INTERFACE -Wno-maybe-uninitialized)
endif()
target_compile_definitions(waybill_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE WAYBILL_VERSION="${PROJECT_VERSION}")

# CAF's own targets, as system headers.
add_library(waybill_caf INTERFACE)
target_link_libraries(waybill_caf INTERFACE CAF::core CAF::io CAF::openssl OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
# g++ 12 takes the last reference to a promise of CAF for one that is used after its end.
target_compile_options(waybill_caf INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-use-after-free>)
foreach(module core io openssl)
  get_target_property(directories CAF::${module} INTERFACE_INCLUDE_DIRECTORIES)
  target_include_directories(waybill_caf SYSTEM INTERFACE ${directories})
endforeach()

# SOCI with both back-ends; Debian's package brings no CMake files.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
add_library(waybill_soci INTERFACE)
target_include_directories(waybill_soci SYSTEM INTERFACE ${SOCI_INCLUDE_DIR} ${SOCI_INCLUDE_DIR}/soci)
foreach(part core postgresql sqlite3)
  find_library(SOCI_${part}_LIBRARY soci_${part} REQUIRED)
  target_link_libraries(waybill_soci INTERFACE ${SOCI_${part}_LIBRARY})
endforeach()
target_link_libraries(waybill_soci INTERFACE PostgreSQL::PostgreSQL SQLite::SQLite3)

# libsodium for Argon2id; Debian's package brings a pkg-config file only.
find_path(SODIUM_INCLUDE_DIR sodium.h REQUIRED)
find_library(SODIUM_LIBRARY sodium REQUIRED)
add_library(waybill_sodium INTERFACE)
target_include_directories(waybill_sodium SYSTEM INTERFACE ${SODIUM_INCLUDE_DIR})
target_link_libraries(waybill_sodium INTERFACE ${SODIUM_LIBRARY})

# utf8proc for what code points are, and their normal form; its pkg-config file says another version than its library.
find_path(UTF8PROC_INCLUDE_DIR utf8proc.h REQUIRED)
find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
add_library(waybill_utf8proc INTERFACE)
target_include_directories(waybill_utf8proc SYSTEM INTERFACE ${UTF8PROC_INCLUDE_DIR})
target_link_libraries(waybill_utf8proc INTERFACE ${UTF8PROC_LIBRARY})

# Lua for functions; Debian keeps each version's headers in a folder of its own.
find_path(LUA_INCLUDE_DIR lua.hpp PATH_SUFFIXES lua5.4 REQUIRED)
find_library(LUA_LIBRARY lua5.4 REQUIRED)
add_library(waybill_lua INTERFACE)
target_include_directories(waybill_lua SYSTEM INTERFACE ${LUA_INCLUDE_DIR})
target_link_libraries(waybill_lua INTERFACE ${LUA_LIBRARY})

# The clients of message brokers; librabbitmq and hiredis bring pkg-config files only.
add_library(waybill_brokers_of_others INTERFACE)
foreach(client rdkafka:librdkafka/rdkafka.h rabbitmq:amqp.h hiredis:hiredis/hiredis.h)
  string(REPLACE ":" ";" parts ${client})
  list(GET parts 0 name)
  list(GET parts 1 header)
  find_path(${name}_INCLUDE_DIR ${header} REQUIRED)
  find_library(${name}_LIBRARY ${name} REQUIRED)
  target_include_directories(waybill_brokers_of_others SYSTEM INTERFACE ${${name}_INCLUDE_DIR})
  target_link_libraries(waybill_brokers_of_others INTERFACE ${${name}_LIBRARY})
endforeach()

function(waybill_library folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(waybill_${folder} STATIC ${sources})
  target_link_libraries(waybill_${folder} PUBLIC waybill_options ${ARGN})
endfunction()
