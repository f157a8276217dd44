# Builds the dashboard with npm, away from the sources, and packs it into C++: IW_DASHBOARD_ASSETS.

option(IW_DASHBOARD "build the dashboard into the program (needs Node 18 or later, and npm)" ON)
find_program(IW_NPM npm)

set(web ${CMAKE_CURRENT_LIST_DIR})
set(work ${CMAKE_BINARY_DIR}/web)
set(IW_DASHBOARD_ASSETS ${work}/assets.cpp)

if(NOT IW_DASHBOARD OR NOT IW_NPM)
  message(STATUS "the program is built without its dashboard (IW_DASHBOARD=${IW_DASHBOARD}, npm: ${IW_NPM})")
  set(IW_DASHBOARD_ASSETS ${work}/no_assets.cpp)
  file(WRITE ${IW_DASHBOARD_ASSETS} "#include \"dashboard/assets.hpp\"\n\nnamespace iw::dashboard {\n\n"
                       "std::span<const Asset> assets() { return {}; }\n\n}  // namespace iw::dashboard\n")
  return()
endif()

set(manifest ${web}/package.json ${web}/package-lock.json ${web}/.npmrc)
set(settings ${web}/index.html ${web}/vite.config.ts ${web}/svelte.config.js ${web}/tsconfig.json)
file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*)

add_custom_command(
  OUTPUT ${work}/installed
  COMMAND ${CMAKE_COMMAND} -E make_directory ${work}
  COMMAND ${CMAKE_COMMAND} -E copy ${manifest} ${work}
  COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${IW_NPM} ci --silent
  COMMAND ${CMAKE_COMMAND} -E touch ${work}/installed
  DEPENDS ${manifest}
  COMMENT "Installing what the dashboard is built with"
  VERBATIM)

add_custom_command(
  OUTPUT ${IW_DASHBOARD_ASSETS}
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${work}/src ${work}/public ${work}/dist
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${web}/src ${work}/src
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${web}/public ${work}/public
  COMMAND ${CMAKE_COMMAND} -E copy ${settings} ${work}
  COMMAND ${CMAKE_COMMAND} -E chdir ${work} ${IW_NPM} run --silent build -- --logLevel warn
  COMMAND node ${web}/pack.mjs ${work}/dist ${IW_DASHBOARD_ASSETS}
  DEPENDS ${work}/installed ${sources} ${settings} ${web}/pack.mjs
  COMMENT "Building the dashboard"
  VERBATIM)
