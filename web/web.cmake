# What web/ is built to is compiled in: sets `web_source`, the source that holds the files. Without npm's packages
# (scripts/npm.sh --web), or with a Node.js that is too old, there is none of it, and the pages say so.
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/npm.sh --web --where OUTPUT_VARIABLE web_packages
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(web_folder ${CMAKE_CURRENT_LIST_DIR})
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${web_folder}/package-lock.json)
set(web_build ${CMAKE_CURRENT_BINARY_DIR}/web)
set(web_source ${web_build}/web_data.cpp)
set(has_web OFF)

find_program(WAYBILL_NODE node)
if(WAYBILL_NODE)
  execute_process(COMMAND ${WAYBILL_NODE} --version OUTPUT_VARIABLE node_version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  string(REGEX REPLACE "^v" "" node_version "${node_version}")
endif()
if(NOT EXISTS ${web_packages}/.complete-web)
  message(WARNING "npm's packages are not in ${web_packages}: no shop, courier's page, console and scenarios. scripts/setup.sh fetches them.")
elseif(NOT WAYBILL_NODE OR node_version VERSION_LESS 18)
  message(WARNING "Node.js 18 or newer is not there (found: '${node_version}'): no shop, courier's page, console and scenarios.")
else()
  set(has_web ON)
endif()
set(WAYBILL_HAS_WEB ${has_web} CACHE INTERNAL "whether the pages of web/ are built")

if(has_web)
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web_folder}/src/* ${web_folder}/pages/*)
  # Made of openapi.yaml by the build itself.
  list(REMOVE_ITEM web_sources ${web_folder}/src/api/schema.d.ts)
  list(FILTER web_sources EXCLUDE REGEX "\\.test\\.ts$")
  add_custom_command(OUTPUT ${web_source} VERBATIM COMMENT "Building web/"
    COMMAND ${web_folder}/build.sh ${web_build}
    DEPENDS ${web_sources} ${web_folder}/build.sh ${web_folder}/pack.mjs ${web_folder}/package-lock.json
      ${web_folder}/tsconfig.json ${web_folder}/vite.config.ts ${CMAKE_CURRENT_SOURCE_DIR}/openapi.yaml)
else()
  configure_file(${web_folder}/no_web_data.cpp.in ${web_source} COPYONLY)
endif()
set_property(SOURCE ${web_source} PROPERTY SKIP_UNITY_BUILD_INCLUSION ON)
