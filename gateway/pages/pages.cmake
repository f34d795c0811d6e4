# What the gateway serves as files is compiled in: pages/, the API documents as JSON, and Swagger UI. Sets `pages_source`.
set(served_files "")
file(GLOB pages CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/*.html ${CMAKE_CURRENT_LIST_DIR}/*.css ${CMAKE_CURRENT_LIST_DIR}/*.js)
list(APPEND served_files ${pages})

# The documents are written in YAML and served as JSON. Debian's own Python is the one that has Debian's python3-yaml.
find_program(WAYBILL_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
set(yaml_to_json ${PROJECT_SOURCE_DIR}/scripts/yaml_to_json.py)
foreach(document openapi asyncapi)
  set(json ${CMAKE_CURRENT_BINARY_DIR}/${document}.json)
  add_custom_command(OUTPUT ${json} VERBATIM
    COMMAND ${WAYBILL_PYTHON} ${yaml_to_json} ${CMAKE_CURRENT_SOURCE_DIR}/${document}.yaml ${json} ${PROJECT_VERSION}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${document}.yaml ${yaml_to_json})
  list(APPEND served_files ${json})
endforeach()

# Swagger UI, where scripts/npm.sh has put it. Without it all else is the same, and /docs says what is missing.
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/npm.sh --where OUTPUT_VARIABLE npm_folder
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scripts/npm/package-lock.json)
set(swagger_ui ${npm_folder}/node_modules/swagger-ui-dist)
set(has_swagger_ui OFF)
if(EXISTS ${swagger_ui}/swagger-ui-bundle.js)
  set(has_swagger_ui ON)
  foreach(name swagger-ui-bundle.js swagger-ui.css)
    list(APPEND served_files ${swagger_ui}/${name})
  endforeach()
else()
  message(WARNING "Swagger UI is not in ${npm_folder}: /docs will be a link to the document. scripts/setup.sh fetches it.")
endif()

set(WAYBILL_HAS_SWAGGER_UI ${has_swagger_ui} CACHE INTERNAL "whether /docs has Swagger UI")

# All that is large is there compressed too.
foreach(file ${served_files})
  get_filename_component(name ${file} NAME)
  if(name MATCHES "^(openapi|asyncapi|swagger-ui.*)\\.")
    set(packed ${CMAKE_CURRENT_BINARY_DIR}/${name}.gz)
    add_custom_command(OUTPUT ${packed} COMMAND gzip --best --no-name --stdout ${file} > ${packed} DEPENDS ${file})
    list(APPEND served_files ${packed})
  endif()
endforeach()

set(page_files "")
set(page_entries "")
foreach(file ${served_files})
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER "waybill_page_${name}" symbol)
  string(APPEND page_files "WAYBILL_FILE(${symbol}, \"${file}\")\n")
  string(APPEND page_entries "    make_file(\"${name}\", ${symbol}_begin, ${symbol}_end),\n")
endforeach()
set(pages_source ${CMAKE_CURRENT_BINARY_DIR}/pages_data.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/pages_data.cpp.in ${pages_source} @ONLY)
# The compiler does not see what the assembler includes. A unity build forgets what its parts depend on.
set_property(SOURCE ${pages_source} PROPERTY OBJECT_DEPENDS ${served_files})
set_property(SOURCE ${pages_source} PROPERTY SKIP_UNITY_BUILD_INCLUSION ON)
