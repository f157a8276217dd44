# The device catalogue travels inside the program.

# Puts files of profiles/ into a target, as std::span<const EmbeddedFile> iw::<room>::<function>().
function(iw_embed_profiles target room function)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/profiles/ OUTPUT_VARIABLE inputs)
  list(JOIN ARGN "|" files)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DFOLDER=${PROJECT_SOURCE_DIR}/profiles" "-DFILES=${files}" -DROOM=${room}
            -DFUNCTION=${function} -DOUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/profiles/embed.cmake
    DEPENDS ${inputs} ${PROJECT_SOURCE_DIR}/profiles/embed.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
